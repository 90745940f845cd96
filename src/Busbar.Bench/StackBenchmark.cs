// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Bench;

/// <summary>
/// <c>bench stack</c>: the core alone, one thread, a loopback link: what a message costs from send to read. The C program beside it
/// has equal duties and runs in the same rounds.
/// </summary>
public sealed class StackBenchmark
{
    /// <summary>(payload unit, message) of the cases.</summary>
    public static readonly IReadOnlyList<(int Mtu, int Message)> Cases = [(64, 64), (64, 4096), (4096, 4096), (64, 65000), (32768, 65000)];

    private readonly Gate _gate = new();
    private readonly int _rounds;
    private readonly double _seconds;

    /// <summary>Prepares a run.</summary>
    /// <param name="rounds">Interleaved rounds.</param>
    /// <param name="seconds">Seconds for each case of a round.</param>
    public StackBenchmark(int rounds, double seconds)
    {
        _rounds = rounds;
        _seconds = seconds;
    }

    /// <summary>Why the C program did not run, or null.</summary>
    public string? BaselinesMissing { get; private set; }

    /// <summary>Measures all cases.</summary>
    /// <param name="progress">Told what is being done; may be null.</param>
    public IReadOnlyList<StackBenchCase> Run(IProgress<string>? progress = null)
    {
        Baselines baselines = Baselines.Prepare();
        BaselinesMissing = baselines.Missing;
        int[] cpus = [.. CpuAffinity.AvailableCpus()];
        Loopback[] loops = [.. Cases.Select(pair => new Loopback(_gate, pair.Mtu, pair.Message))];
        progress?.Report("warming up");
        foreach (Loopback loop in loops) loop.Measure(Math.Max(_seconds, 0.3));
        var ours = loops.Select(_ => new List<double>()).ToArray();
        var theirs = loops.Select(_ => new List<double>()).ToArray();
        var allocatedPer = new double[loops.Length];
        for (int round = 1; round <= _rounds; round++)
        {
            progress?.Report($"round {round} of {_rounds}");
            // The C program inherits the pinning, so that both run on the same processor.
            CpuAffinity.PinCurrentThread(cpus[^1]);
            IReadOnlyDictionary<(int Mtu, int Message), double> c = baselines.RunStack(_seconds);
            for (int i = 0; i < loops.Length; i++)
            {
                long allocated = GC.GetAllocatedBytesForCurrentThread();
                (double ns, long messages) = loops[i].Measure(_seconds);
                allocatedPer[i] = Math.Max(allocatedPer[i], (GC.GetAllocatedBytesForCurrentThread() - allocated) / (double)messages);
                ours[i].Add(ns);
                if (c.TryGetValue(Cases[i], out double baseline)) theirs[i].Add(baseline);
            }
        }

        CpuAffinity.RestrictCurrentThread(cpus);
        return [.. Cases.Select((pair, i) => Summarise(pair, ours[i], theirs[i], allocatedPer[i]))];
    }

    private static StackBenchCase Summarise((int Mtu, int Message) pair, List<double> ours, List<double> theirs, double allocated)
    {
        int packets = (pair.Message + pair.Mtu - 1) / pair.Mtu;
        Spread? ratio = theirs.Count == 0 ? null : Spread.Of([.. ours.Zip(theirs, (a, b) => a / b)]);
        Spread? c = theirs.Count == 0 ? null : Spread.Of([.. theirs]);
        Spread ns = Spread.Of([.. ours]);
        return new StackBenchCase(
            pair.Mtu, pair.Message, packets, ns, ns.Median / packets, pair.Message * 1e9 / ns.Median, Math.Round(allocated, 3), c, ratio);
    }

    /// <summary>A stack whose one link leads back to itself.</summary>
    private sealed class Loopback
    {
        // Time is an argument of the core; the benchmark's clock stands still, as no timer is due.
        private const long Now = 1000;
        private const int CheckEvery = 16;
        private const int MostBlocks = 100_000;
        private static readonly long s_blockTicks = Stopwatch.Frequency / 1000;
        private static readonly Eid s_eid = new(8);

        private readonly Gate _gate;
        private readonly MctpStack _stack = new(new MctpStackOptions());
        private readonly MctpSocketCore _sender;
        private readonly MctpSocketCore _receiver;
        private readonly MctpEndPoint _to;
        private readonly byte[] _body;
        private readonly byte[] _buffer = new byte[65_536];
        private readonly List<double> _blocks = new(MostBlocks);

        public Loopback(Gate gate, int mtu, int message)
        {
            _gate = gate;
            var link = new LoopbackLink("lo", mtu + MctpHeader.Size);
            _stack.AddLink(link);
            _stack.AddAddress(link, s_eid);
            _stack.AddRoute(MctpRoute.Direct(s_eid, s_eid, link));
            _sender = _stack.OpenSocket(MctpSocketKind.Datagram);
            _receiver = _stack.OpenSocket(MctpSocketKind.Datagram);
            _stack.Bind(_receiver, new MctpEndPoint(Eid.Any, MessageType.VendorPci));
            var peer = new MctpEndPoint(s_eid, MessageType.VendorPci, network: 1);
            MctpTag tag = _stack.AllocateTag(_sender, peer, Now) ?? throw new InvalidOperationException("no tag");
            _to = peer with { Tag = tag };
            _body = new byte[message - 1];
            new Random(message).NextBytes(_body);
            Once();
            if (!_buffer.AsSpan(0, _body.Length).SequenceEqual(_body)) throw new InvalidOperationException("the loopback damaged a message");
        }

        /// <summary>The median of blocks of about a millisecond, as the C program reports it: interruptions of the machine are not the stack's cost.</summary>
        public (double NsPerMessage, long Messages) Measure(double seconds)
        {
            _blocks.Clear();
            long total = 0;
            long now = Stopwatch.GetTimestamp();
            long end = now + (long)(seconds * Stopwatch.Frequency);
            while (now < end && _blocks.Count < MostBlocks)
            {
                long start = now;
                long messages = 0;
                do
                {
                    for (int i = 0; i < CheckEvery; i++) Once();
                    messages += CheckEvery;
                    now = Stopwatch.GetTimestamp();
                }
                while (now - start < s_blockTicks);
                _blocks.Add((now - start) * 1e9 / Stopwatch.Frequency / messages);
                total += messages;
            }

            _blocks.Sort();
            return (_blocks[_blocks.Count / 2], total);
        }

        // The node's lock is taken as a node takes it: once to send, once to receive.
        private void Once()
        {
            using (_gate.Hold())
            {
                SendStatus status = _stack.Send(_sender, _to, _body, Now, out _);
                if (status != SendStatus.Ok) throw new InvalidOperationException($"send: {status}");
            }

            using (_gate.Hold())
            {
                if (!_stack.PollInto(_receiver, _buffer, Now, int.MaxValue, out MctpReceiveResult result)
                    && !_stack.TryReceive(_receiver, _buffer, out result)) throw new InvalidOperationException("nothing arrived");
                if (result.Length != _body.Length) throw new InvalidOperationException("a message arrived cut");
            }
        }
    }
}
