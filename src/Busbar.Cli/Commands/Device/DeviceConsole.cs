// SPDX-License-Identifier: Apache-2.0
using Busbar.Devices;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>The commands that <c>busbar device --stdin</c> takes. Each is answered by exactly one event.</summary>
internal sealed class DeviceConsole
{
    private readonly MmbiDevice _device;
    private readonly EventWriter _writer;
    private readonly StopSignal _stop;

    private DeviceConsole(MmbiDevice device, EventWriter writer, StopSignal stop) => (_device, _writer, _stop) = (device, writer, stop);

    /// <summary>Reads commands on a thread of its own until stdin ends.</summary>
    public static void Start(MmbiDevice device, EventWriter writer, StopSignal stop)
    {
        var console = new DeviceConsole(device, writer, stop);
        new Thread(console.Read) { IsBackground = true, Name = "stdin" }.Start();
    }

    private void Read()
    {
        while (Console.In.ReadLine() is { } line)
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words.Length == 0) continue;
            try
            {
                if (!Execute(words)) break;
            }
            catch (MctpException failure)
            {
                Refuse(failure.Message);
            }
            catch (ObjectDisposedException)
            {
                return;
            }
        }

        _stop.Request();
    }

    private bool Execute(string[] words)
    {
        if (words is ["quit"]) return false;
        int instance = 0;
        bool isKnown = words.Length <= 2 && words[0] is "restart" or "reset" or "stats";
        if (!isKnown || (words.Length == 2 && !OptionKinds.TryParseNumber(words[1], 0, _device.Instances - 1, out instance)))
        {
            Refuse($"'{string.Join(' ', words)}' is not a command; use restart [K], reset [K], stats [K] (K from 0 to {_device.Instances - 1}) or quit");
            return true;
        }

        switch (words[0])
        {
            case "restart":
                _device.RestartEndpoint(instance);
                _writer.Write(new EventLine { Event = "restarted", Instance = instance });
                break;
            case "reset" when _device.RequestReset(instance):
                _writer.Write(new EventLine { Event = "reset", Instance = instance, Reason = "requested" });
                break;
            case "reset":
                Refuse("the link is not up, or this profile's host would not come back from a reset");
                break;
            default:
                EndpointHost endpoint = _device.Endpoint(instance);
                _writer.Write(new EventLine { Event = "stats", Instance = instance, Counters = CounterReport.Collect(endpoint, endpoint.Attachment as MmbiAttachment) });
                break;
        }

        return true;
    }

    private void Refuse(string message) => _writer.Write(new EventLine { Event = "error", Message = message });
}
