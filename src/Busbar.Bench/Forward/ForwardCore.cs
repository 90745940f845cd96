// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Mctp;

namespace Busbar.Bench;

/// <summary>A bridge's turn alone, in one thread: batches of packets from one link in memory to another, of which only the turn is timed.</summary>
internal sealed class ForwardCore
{
    private const int Batch = 64;
    private const long Now = 1000;

    private readonly MctpStack _bridge = new(new MctpStackOptions { Forwards = true });
    private readonly MctpStack _ends = new();
    private readonly PairLink _from;
    private readonly MctpSocketCore _raw;
    private readonly byte[] _packet;
    private readonly List<double> _batches = new(1 << 16);

    public ForwardCore(int size)
    {
        (PairLink near, _from) = PairLink.Create(MctpHeader.Size + size);
        (PairLink far, PairLink to) = PairLink.Create(MctpHeader.Size + size, capacity: 1 << 20);
        _bridge.AddLink(near);
        _bridge.AddLink(far);
        _bridge.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(20), far));
        _ends.AddLink(_from);
        _ends.AddLink(to);
        _raw = _ends.OpenSocket(MctpSocketKind.Raw);
        _packet = new byte[MctpHeader.Size + size];
        new MctpHeader(new Eid(20), new Eid(10), som: true, eom: true, sequence: 0, owner: true, tag: 0).Write(_packet);
    }

    /// <summary>Nanoseconds for each packet: the median of the batches, so that interruptions of the machine do not count.</summary>
    /// <param name="seconds">How long to measure.</param>
    public double Measure(double seconds)
    {
        _batches.Clear();
        long end = Stopwatch.GetTimestamp() + (long)(seconds * Stopwatch.Frequency);
        long forwarded = _bridge.Statistics.PacketsForwarded;
        long now;
        do
        {
            int sent = 0;
            while (sent < Batch && _ends.SendRaw(_raw, _from.Index, _packet) == SendStatus.Ok) sent++;
            long start = Stopwatch.GetTimestamp();
            _bridge.Poll(Now, Batch);
            now = Stopwatch.GetTimestamp();
            if (_batches.Count < _batches.Capacity) _batches.Add((now - start) * 1e9 / Stopwatch.Frequency / sent);
            _ends.Poll(Now, Batch);
            forwarded += sent;
        }
        while (now < end);
        if (forwarded != _bridge.Statistics.PacketsForwarded) throw new InvalidOperationException("the bridge lost packets");
        _batches.Sort();
        return _batches[_batches.Count / 2];
    }
}
