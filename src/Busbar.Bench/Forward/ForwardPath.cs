// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Diagnostics;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Bench;

/// <summary>
/// A bridge with two MMBI windows, a node with a spinning agent on a processor of its own, and in this thread the two nodes at its ends: one sends numbered
/// messages of one packet, the other takes them and checks the numbers.
/// </summary>
internal sealed class ForwardPath : IDisposable
{
    // Messages that share one publication of the write pointer, and the lock of their node.
    private const int Burst = 64;
    private const int DrainMs = 10_000;

    // On a busy machine the ends may be away for long; the bridge must not take them for dead.
    private const int PatienceMs = 60_000;

    private static readonly TimeSpan s_linkPatience = TimeSpan.FromSeconds(10);
    private static readonly Eid s_bridge = new(8);
    private static readonly Eid s_generator = new(10);
    private static readonly Eid s_sink = new(20);

    private readonly MctpNode _bridge;
    private readonly MctpNode _generator = new(new MctpNodeOptions { RunAgent = false });
    private readonly MctpNode _sink = new(new MctpNodeOptions { RunAgent = false });
    private readonly MctpSocketCore _sender;
    private readonly MctpSocketCore _receiver;
    private readonly MctpEndPoint _to;
    private readonly byte[] _out = new byte[65_536];
    private readonly byte[] _in = new byte[65_536];
    private readonly Func<MctpStack, long, bool> _send;
    private readonly Func<MctpStack, long, bool> _take;
    private int _length;
    private long _sent;
    private long _received;

    public ForwardPath(string folder, int windowSize, int bridgeCpu, int endsCpu)
    {
        // The agent inherits the processor of the thread that starts it.
        CpuAffinity.PinCurrentThread(bridgeCpu);
        _bridge = new MctpNode(new MctpNodeOptions { Stack = new MctpStackOptions { Forwards = true, ForwardHold = PatienceMs } });
        CpuAffinity.PinCurrentThread(endsCpu);
        Connect(Path.Combine(folder, "in.mmbi"), windowSize, _generator, s_generator, [s_bridge, s_sink]);
        Connect(Path.Combine(folder, "out.mmbi"), windowSize, _sink, s_sink, [s_bridge, s_generator]);

        var peer = new MctpEndPoint(s_sink, BenchProtocol.Type);
        (_sender, MctpTag tag) = _generator.Read((stack, now) =>
        {
            MctpSocketCore socket = stack.OpenSocket();
            return (socket, stack.AllocateTag(socket, peer, now) ?? throw new InvalidOperationException("no tag"));
        });
        _to = peer with { Tag = tag };
        _receiver = _sink.Read((stack, _) =>
        {
            MctpSocketCore socket = stack.OpenSocket();
            stack.Bind(socket, new MctpEndPoint(Eid.Any, BenchProtocol.Type));
            return socket;
        });
        _send = Send;
        _take = Take;
    }

    /// <summary>Sends through the bridge as fast as it takes packets.</summary>
    /// <param name="size">Packet payload, type byte included.</param>
    /// <param name="seconds">How long.</param>
    public (double PacketsPerS, double Allocated) Measure(int size, double seconds)
    {
        _length = size - 1;
        (_sent, _received) = (0, 0);
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        long start = Stopwatch.GetTimestamp();
        long end = start + (long)(seconds * Stopwatch.Frequency);
        long last;
        do
        {
            _generator.Read(_send);
            _sink.Read(_take);
            last = Stopwatch.GetTimestamp();
        }
        while (last < end);
        long counted = _received;
        long drained = last + (DrainMs * Stopwatch.Frequency / 1000);
        while (_received != _sent && Stopwatch.GetTimestamp() < drained) _sink.Read(_take);
        allocated = GC.GetTotalAllocatedBytes(precise: true) - allocated;
        if (_received != _sent)
        {
            string drops = _bridge.Read((stack, _) => string.Join(", ", Enum.GetValues<DropReason>().Where(reason => stack.Statistics.Drops[reason] != 0)));
            throw new MctpException(MctpError.PeerError, $"of {_sent} packets {_received} crossed the bridge (drops: {drops})");
        }

        return (counted * (double)Stopwatch.Frequency / (last - start), allocated / (double)Math.Max(_sent, 1));
    }

    public void Dispose()
    {
        _generator.Dispose();
        _sink.Dispose();
        _bridge.Dispose();
    }

    private void Connect(string file, int size, MctpNode end, Eid eid, Eid[] others)
    {
        LinkAttachment near = Open($"mmbi:shm:{file},role=owner,wait=spin,size={size}", MmbiRole.Owner);
        LinkAttachment far = Open($"mmbi:shm:{file},role=discoverer,wait=spin", MmbiRole.Discoverer);
        _bridge.AddLink(near);
        end.AddLink(far);
        _bridge.Use((stack, _) =>
        {
            stack.AddAddress(near.Link, s_bridge);
            stack.AddRoute(MctpRoute.Direct(eid, eid, near.Link));
        });
        end.Use((stack, _) =>
        {
            stack.AddAddress(far.Link, eid);
            foreach (Eid other in others) stack.AddRoute(MctpRoute.Direct(other, other, far.Link));
        });
        if (!end.WaitUntilUp(far, s_linkPatience)) throw new MctpException(MctpError.Unreachable, $"the benchmark's link over {file} did not come up");
    }

    private static LinkAttachment Open(string text, MmbiRole role)
    {
        if (!LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error)) throw new MctpException(MctpError.BadConfiguration, error);
        return LinkOpener.Open(spec, role);
    }

    private bool Send(MctpStack stack, long now)
    {
        ReadOnlySpan<byte> body = _out.AsSpan(0, _length);
        for (int i = 0; i < Burst; i++)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_out, _sent);
            SendStatus status = stack.Send(_sender, _to, body, now, out _, more: true);
            if (status == SendStatus.WouldBlock) break;
            if (status != SendStatus.Ok) throw new MctpException(MctpError.PeerError, $"the generator could not send: {status}");
            _sent++;
        }

        stack.Flush();
        return true;
    }

    private bool Take(MctpStack stack, long now)
    {
        for (int i = 0; i < Burst * 2 && stack.PollInto(_receiver, _in, now, int.MaxValue, out MctpReceiveResult result); i++)
        {
            if (result.Length != _length || BinaryPrimitives.ReadInt64LittleEndian(_in) != _received)
                throw new MctpException(MctpError.PeerError, $"packet {_received} came through damaged or out of order");
            _received++;
        }

        return true;
    }
}
