// SPDX-License-Identifier: Apache-2.0
using Busbar.Devices;
using Busbar.Linux;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>The commands that <c>busbar device --stdin</c> takes. Each is answered by exactly one event; stats by one for each instance and one for the function.</summary>
internal sealed class DeviceConsole
{
    private readonly MmbiDevice _device;
    private readonly VfioUserServer _server;
    private readonly DeviceWatch _watch;
    private readonly EventWriter _writer;
    private readonly StopSignal _stop;

    private DeviceConsole(MmbiDevice device, VfioUserServer server, DeviceWatch watch, EventWriter writer, StopSignal stop) =>
        (_device, _server, _watch, _writer, _stop) = (device, server, watch, writer, stop);

    /// <summary>Reads commands on a thread of its own until stdin ends.</summary>
    /// <param name="device">What the commands are for.</param>
    /// <param name="server">Who serves it.</param>
    /// <param name="watch">Who knows the counters.</param>
    /// <param name="writer">Takes the answers.</param>
    /// <param name="stop">Requested by quit, and when stdin ends.</param>
    public static void Start(MmbiDevice device, VfioUserServer server, DeviceWatch watch, EventWriter writer, StopSignal stop)
    {
        var console = new DeviceConsole(device, server, watch, writer, stop);
        new Thread(console.Read) { IsBackground = true, Name = "stdin" }.Start();
    }

    private void Read()
    {
        try
        {
            while (Console.In.ReadLine() is { } line)
            {
                string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
                if (words.Length != 0 && !Execute(words)) break;
            }
        }
        catch (ObjectDisposedException)
        {
            return;
        }

        _stop.Request();
    }

    private bool Execute(string[] words)
    {
        int instance = 0;
        bool hasInstance = words.Length == 1 || (words.Length == 2 && OptionKinds.TryParseNumber(words[1], 0, _device.Instances - 1, out instance));
        switch (words[0])
        {
            case "quit" when words.Length == 1:
                return false;
            case "stats" when words.Length == 1:
                foreach (EventLine line in _watch.Counters("stats")) _writer.Write(line);
                return true;
            case "crash" when words.Length == 1:
                _server.HangUp(static () => Signals.Kill(Environment.ProcessId, Signal.Kill));
                return true;
            case "restart" when hasInstance:
                _device.RestartEndpoint(instance);
                _writer.Write(new EventLine { Event = "restarted", Instance = instance });
                return true;
            case "reset" when hasInstance:
                if (_device.RequestReset(instance)) _writer.Write(new EventLine { Event = "reset", Instance = instance, Reason = "requested" });
                else Refuse(_device.Profile.NeverResets ? $"profile {_device.Profile} never resets: its driver would not come back" : "the link is not up, so there is nothing to reset");
                return true;
            default:
                Refuse($"'{string.Join(' ', words)}' is not a command; use restart [K], reset [K], stats, crash or quit, with K from 0 to {_device.Instances - 1}");
                return true;
        }
    }

    private void Refuse(string message) => _writer.Write(new EventLine { Event = "error", Message = message });
}
