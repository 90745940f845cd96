// SPDX-License-Identifier: Apache-2.0
using Busbar.Devices;
using Busbar.Endpoints;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>Prints what happens to a device: what its guest does, and what becomes of the link of each instance, over restarts of its endpoints.</summary>
internal sealed class DeviceSession : IDisposable
{
    // A hostile guest can make refusals faster than anybody can read them; the counters have the rest.
    private const int MostRefusalsPrinted = 100;

    private readonly MmbiDevice _device;
    private readonly EventWriter _writer;
    private readonly Follower?[] _followers;
    private int _refusals;

    public DeviceSession(MmbiDevice device, EventWriter writer)
    {
        (_device, _writer) = (device, writer);
        _followers = new Follower?[device.Instances];
        for (int instance = 0; instance < device.Instances; instance++) Follow(instance, device.Endpoint(instance));
        device.Booted += OnBooted;
        device.WasReset += OnReset;
    }

    public void Watch(VfioUserServer server)
    {
        server.ClientConnected += () => _writer.Write(new EventLine { Event = "client_connected" });
        server.ClientDisconnected += why => _writer.Write(new EventLine { Event = "client_disconnected", Reason = Names.Snake(why.ToString()) });
        server.InterruptsChanged += (kind, vectors) =>
            _writer.Write(new EventLine { Event = "interrupts", Message = $"{Names.Snake(kind.ToString())}, {vectors} vectors", Vectors = vectors });
        server.MessageRefused += message =>
        {
            if (++_refusals > MostRefusalsPrinted) return;
            string more = _refusals == MostRefusalsPrinted ? "; further ones are only counted" : "";
            _writer.Write(new EventLine { Event = "refused", Message = $"{message.Command}: {message.Reason} ({message.Error}){more}" });
        };
    }

    public CounterReport Counters(int instance)
    {
        EndpointHost endpoint = _device.Endpoint(instance);
        return CounterReport.Collect(endpoint, endpoint.Attachment as MmbiAttachment);
    }

    public void Dispose()
    {
        _device.Booted -= OnBooted;
        _device.WasReset -= OnReset;
        foreach (Follower? follower in _followers) follower?.Dispose();
        Array.Clear(_followers);
    }

    private void OnBooted(int instance, EndpointHost endpoint)
    {
        _followers[instance]?.Dispose();
        Follow(instance, endpoint);
    }

    private void OnReset(PciResetKind kind) => _writer.Write(new EventLine { Event = "device_reset", Reason = Names.Snake(kind.ToString()) });

    private void Follow(int instance, EndpointHost endpoint) => _followers[instance] = new Follower(endpoint, _device.Instances == 1 ? null : instance, _writer);

    /// <summary>Prints the events of one endpoint on a thread of its own.</summary>
    private sealed class Follower : IDisposable
    {
        private readonly CancellationTokenSource _stop = new();
        private readonly Thread _thread;

        public Follower(EndpointHost endpoint, int? instance, EventWriter writer)
        {
            var watcher = new LinkWatcher(endpoint.Attachment, line => line with { Instance = instance });
            watcher.Watch(endpoint);
            CancellationToken stop = _stop.Token;
            _thread = new Thread(() => watcher.Run(writer, stop)) { IsBackground = true, Name = "link events" };
            _thread.Start();
        }

        public void Dispose()
        {
            _stop.Cancel();
            _thread.Join();
            _stop.Dispose();
        }
    }
}
