// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Endpoints;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Bench;

/// <summary>The measuring side of one link: round trips and one-way streams from socket to socket.</summary>
internal sealed class MmbiMeasurer : IDisposable
{
    // Messages that share one publication of the write pointer in a stream.
    private const int Batch = 32;

    // Room for the samples of a measurement; a longer one allocates, which does not disturb round trips of microseconds.
    private const int MostRoundTrips = 1_000_000;

    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly BenchNode _node;
    private readonly byte[] _out = new byte[BenchProtocol.LongestBody];
    private readonly byte[] _in = new byte[BenchProtocol.LongestBody];
    private readonly RoundTripTimes _times = new(MostRoundTrips);
    private readonly MctpEndPoint _peer;

    public MmbiMeasurer(string link)
    {
        _node = new BenchNode(link, MmbiRole.Discoverer);
        _node.Socket.ReceiveTimeout = s_patience;
        _node.Socket.SendTimeout = s_patience;
        var peer = new MctpEndPoint(BenchProtocol.PeerEid, BenchProtocol.Type);

        // One tag for everything: a stream of requests would run out of the eight.
        _peer = peer with { Tag = _node.Socket.AllocateTag(peer) };
    }

    public MctpLink Link => _node.Link;

    public void WaitUntilUp() => _node.WaitUntilUp();

    public (double P50, double P99, double Max) MeasureRoundTrips(int size, double seconds)
    {
        ReadOnlySpan<byte> body = Body(size, BenchProtocol.Echo);
        _times.Clear();
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(seconds * Stopwatch.Frequency);
        long before = start;
        while (before < end)
        {
            _node.Socket.SendTo(body, _peer);
            _node.Socket.ReceiveFrom(_in);
            long after = Stopwatch.GetTimestamp();
            _times.Add(after - before);
            before = after;
        }

        return (_times.P50 * 1e3, _times.P99 * 1e3, _times.Maximum * 1e3);
    }

    public StreamFigures MeasureStream(int size, double seconds)
    {
        ReadOnlySpan<byte> body = Body(size, BenchProtocol.Data);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long cpu = CpuTime.ThreadNanoseconds();
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        long sent = 0;
        while (Stopwatch.GetTimestamp() < end)
        {
            for (int i = 1; i < Batch; i++) _node.Socket.SendTo(body, _peer, more: true);
            _node.Socket.SendTo(body, _peer);
            sent += Batch;
        }

        cpu = CpuTime.ThreadNanoseconds() - cpu;
        allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
        _out[0] = BenchProtocol.Report;
        _node.Socket.SendTo(_out.AsSpan(0, 1), _peer);
        _node.Socket.ReceiveFrom(_in);
        StreamReport seen = StreamReport.Read(_in);
        if (seen.Messages != sent) throw new MctpException(MctpError.PeerError, $"a stream of {sent} messages arrived as {seen.Messages}");
        double rate = (seen.Messages - 1) * (double)Stopwatch.Frequency / seen.ElapsedTicks;
        return new StreamFigures(rate, rate * size, (allocated + seen.AllocatedBytes) / (double)sent, (cpu + seen.CpuNanoseconds) / (double)sent);
    }

    public void Leave()
    {
        _out[0] = BenchProtocol.Leave;
        _node.Socket.SendTo(_out.AsSpan(0, 1), _peer);
        _node.Socket.ReceiveFrom(_in);
    }

    public void Dispose() => _node.Dispose();

    private ReadOnlySpan<byte> Body(int size, byte kind)
    {
        _out[0] = kind;
        return _out.AsSpan(0, size - 1);
    }

    /// <summary>Figures of one stream.</summary>
    internal readonly record struct StreamFigures(double MessagesPerS, double BytesPerS, double AllocatedPerMessage, double CpuNsPerMessage);
}
