// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Globalization;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>mctp-bench: sends data messages as fast as they go, or counts those that arrive and says every two seconds how many.</summary>
internal sealed class BenchTool : ITool
{
    private const int DefaultSize = 1024;
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(2);

    private bool _sends;
    private (uint Network, Eid Eid)? _peer;
    private int _size = DefaultSize;
    private long _count = long.MaxValue;
    private long _toldAt;
    private long _toldBytes;

    public string Grammar => "send [len N] eid [NET,]EID | recv [eid [NET,]EID] [len N] [count N]";

    public void Read(MctpWords words)
    {
        string mode = words.Take("'send' or 'recv'");
        if (mode is not ("send" or "recv")) throw new MctpFailure($"'{mode}' is not known here; there are send and recv");
        _sends = mode == "send";
        while (words.TakeIfAny() is { } word)
        {
            switch (word)
            {
                case "eid": _peer = words.TakeNetworkAndEid(); break;
                case "len": _size = words.TakeLength(BenchClient.LargestSize); break;
                case "count" when !_sends: _count = words.TakeNumber("the count"); break;
                default: throw new MctpFailure($"'{word}' is not known here");
            }
        }

        if (_size < BenchClient.SmallestSize) throw new MctpFailure($"a message has at least {BenchClient.SmallestSize} bytes");
        if (_sends && _peer is null) throw new MctpFailure("to whom? 'eid [NET,]EID' is missing");
    }

    public int Run(IMctpSocketSource source, TextWriter output, CancellationToken stop)
    {
        (uint network, Eid eid) = _peer ?? (0, Eid.Null);
        using var client = new BenchClient(source, new MctpEndPoint(eid, MessageType.VendorPci, MctpTag.Owner, network));
        _toldAt = Stopwatch.GetTimestamp();
        if (_sends) client.Send(_size, long.MaxValue, Timeout.InfiniteTimeSpan, observe: null, stop);
        else if (_peer is not null) client.Receive(_size, _count, TimeSpan.FromSeconds(5), tally => Tell(tally, output), stop);
        else client.Listen(_count, tally => Tell(tally, output), TimeSpan.FromMilliseconds(200), stop);
        return 0;
    }

    /// <summary>The line of mctp-bench.</summary>
    public static string Line(double bytesPerSecond, BenchTally tally) => string.Create(
        CultureInfo.InvariantCulture,
        $"Throughput: {bytesPerSecond / 1000:0.00} kB/s | Received: {tally.Received} msgs | Dropped: {tally.Dropped} msgs | Invalid: {tally.Invalid} msgs");

    private void Tell(BenchTally tally, TextWriter output)
    {
        TimeSpan elapsed = Stopwatch.GetElapsedTime(_toldAt);
        if (elapsed < s_interval) return;
        output.WriteLine(Line((tally.Bytes - _toldBytes) / elapsed.TotalSeconds, tally));
        output.Flush();
        _toldAt = Stopwatch.GetTimestamp();
        _toldBytes = tally.Bytes;
    }
}
