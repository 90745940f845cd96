// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>The commands that <c>busbar endpoint --stdin</c> takes. Each is answered by exactly one event.</summary>
internal sealed class EndpointConsole
{
    private const int DefaultSize = 64;
    private const int RequestsInFlight = 4;
    private const int LargestCount = 100_000_000;

    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(2);

    private readonly EndpointHost _host;
    private readonly EventWriter _writer;
    private readonly StopSignal _stop;

    private EndpointConsole(EndpointHost host, EventWriter writer, StopSignal stop) => (_host, _writer, _stop) = (host, writer, stop);

    /// <summary>Reads commands on a thread of its own until stdin ends.</summary>
    public static void Start(EndpointHost host, EventWriter writer, StopSignal stop)
    {
        var console = new EndpointConsole(host, writer, stop);
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
        switch (words[0])
        {
            case "quit" when words.Length == 1:
                return false;
            case "stats" when words.Length == 1:
                _writer.Write(new EventLine { Event = "stats", Counters = CounterReport.Collect(_host, _host.Attachment as MmbiAttachment) });
                return true;
            case "reset" when words.Length == 1:
                Reset();
                return true;
            case "request" when words.Length is 3 or 4:
                Request(words);
                return true;
            default:
                Refuse($"'{string.Join(' ', words)}' is not a command; use reset, request EID COUNT [SIZE], stats or quit");
                return true;
        }
    }

    private void Reset()
    {
        bool asked = _host.Node.Read((_, now) =>
            (_host.Attachment as MmbiAttachment)?.MmbiLink.Channel?.RequestReset(MmbiReason.Requested, now) ?? false);
        if (asked) _writer.Write(new EventLine { Event = "reset", Reason = "requested" });
        else Refuse("the link is not up, so there is nothing to reset");
    }

    private void Request(string[] words)
    {
        int size = DefaultSize;
        if (!OptionKinds.TryParseNumber(words[1], 8, 254, out int eid)
            || !OptionKinds.TryParseNumber(words[2], 1, LargestCount, out int count)
            || (words.Length == 4 && !OptionKinds.TryParseNumber(words[3], EchoClient.SmallestSize, EchoClient.LargestSize, out size)))
        {
            Refuse($"request EID COUNT [SIZE]: EID 8..254, COUNT from 1, SIZE {EchoClient.SmallestSize}..{EchoClient.LargestSize}");
            return;
        }

        using var client = new EchoClient(_host.Node, _host.Peer(new Eid((byte)eid), MessageType.VendorPci));
        EchoTally tally = client.Run(size, count, RequestsInFlight, s_answerLimit, _stop.Token);
        _writer.Write(new EventLine
        {
            Event = "requested",
            Eid = eid,
            Size = size,
            Count = tally.Sent,
            Ok = tally.Intact,
            P50Us = Math.Round(tally.Times.P50, 1),
            P99Us = Math.Round(tally.Times.P99, 1),
            MessagesPerS = Math.Round(tally.MessagesPerSecond),
        });
    }

    private void Refuse(string message) => _writer.Write(new EventLine { Event = "error", Message = message });
}
