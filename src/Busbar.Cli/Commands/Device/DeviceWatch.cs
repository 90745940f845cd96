// SPDX-License-Identifier: Apache-2.0
using Busbar.Devices;
using Busbar.Endpoints;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>Prints what happens to an emulated device: its client, its resets, and each instance's link, through all lives of its endpoint.</summary>
internal sealed class DeviceWatch : IDisposable
{
    private const long RefusalInterval = 1000;

    private readonly MmbiDevice _device;
    private readonly EventWriter _writer;
    private readonly EventPrinter _events;
    private readonly Lock _gate = new();
    private readonly CancellationTokenSource?[] _ends;
    private readonly Thread?[] _printers;
    private VfioUserServer? _server;
    private long _nextRefusal;
    private long _refused;

    /// <summary>Follows a device that is not started yet.</summary>
    public DeviceWatch(MmbiDevice device, EventWriter writer)
    {
        (_device, _writer) = (device, writer);
        _events = new EventPrinter(writer);
        _ends = new CancellationTokenSource?[device.Instances];
        _printers = new Thread?[device.Instances];
        device.EndpointStarted += OnEndpoint;

        // The function's lock or the server's thread: whoever reads our events, or does not, must not hold up the guest.
        device.ResetDone += kind => _events.Post(new EventLine { Event = "device_reset", Reason = Names.Snake(kind.ToString()) });
    }

    /// <summary>Follows who is served.</summary>
    public void Follow(VfioUserServer server)
    {
        _server = server;
        server.ClientConnected += () => _events.Post(new EventLine { Event = "client_connected" });
        server.ClientDisconnected += reason =>
        {
            // Its driver cannot take the links down any more.
            _device.HostVanished();
            _events.Post(new EventLine { Event = "client_disconnected", Reason = Names.Snake(reason.ToString()) });
        };
        server.InterruptsChanged += (kind, count) => _events.Post(new EventLine { Event = "interrupts", Reason = Names.Snake(kind.ToString()), Vectors = count });
        server.MessageRefused += OnRefused;
    }

    /// <summary>The counters of each instance, and those of the function.</summary>
    /// <param name="name">The event's.</param>
    public IReadOnlyList<EventLine> Counters(string name)
    {
        var lines = new List<EventLine>();
        for (int k = 0; k < _device.Instances; k++)
        {
            if (_device.GetEndpoint(k) is { } host)
            {
                lines.Add(new EventLine { Event = name, Instance = k, Counters = CounterReport.Collect(host, host.Attachment as MmbiAttachment) });
            }
        }

        if (_server is not null) lines.Add(new EventLine { Event = name, Function = FunctionReport.Collect(_device.Function.Statistics, _server.Statistics) });
        return lines;
    }

    /// <summary>Prints what is queued, and ends.</summary>
    public void Dispose()
    {
        for (int k = 0; k < _ends.Length; k++) End(k);
        _events.Dispose();
    }

    private void OnEndpoint(int instance, EndpointHost host)
    {
        End(instance);
        var watcher = new LinkWatcher(host.Attachment, line => line with { Instance = instance });
        watcher.Watch(host);
        lock (_gate)
        {
            var end = new CancellationTokenSource();
            var printer = new Thread(() => watcher.Run(_writer, end.Token)) { IsBackground = true, Name = $"events {instance}" };
            (_ends[instance], _printers[instance]) = (end, printer);
            printer.Start();
        }
    }

    private void End(int instance)
    {
        lock (_gate)
        {
            if (_ends[instance] is not { } end) return;
            end.Cancel();
            _printers[instance]!.Join();
            end.Dispose();
            _ends[instance] = null;
        }
    }

    // On the server's thread only. A hostile client refuses nothing to us by flooding the terminal.
    private void OnRefused(VfioUserRefusedMessage message)
    {
        _refused++;
        long now = Environment.TickCount64;
        if (now < _nextRefusal) return;
        _nextRefusal = now + RefusalInterval;
        _events.Post(new EventLine
        {
            Event = "message_refused",
            Reason = Names.Snake(message.Reason.ToString()),
            Message = $"{message.Command}: {message.Error}",
            Count = _refused,
        });
    }
}
