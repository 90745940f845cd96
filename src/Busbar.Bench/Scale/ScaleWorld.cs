// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Bench;

/// <summary>One stack with many buses in many networks, and on each bus emulated endpoints that answer control requests; all of it run by one thread.</summary>
internal sealed class ScaleWorld
{
    private const int FirstEid = 9;
    private const byte FirstAddress = 0x08;
    private const byte OwnAddress = 0x01;
    private const int Budget = 256;

    // Well below what the queue of a socket holds.
    private const int MostInFlight = 1000;

    private static readonly MctpStackOptions s_options = new();

    private readonly MctpStack _middle = new();
    private readonly MctpSocketCore _socket;
    private readonly List<MctpEndPoint> _peers = [];
    private readonly Queue<SegmentLink> _busy = new();
    private readonly Dictionary<SegmentLink, MctpStack> _stacks = [];
    private readonly byte[] _buffer = new byte[256];
    private int _instance;
    private long _now = Environment.TickCount64;

    public ScaleWorld(ScaleBenchOptions options)
    {
        var eids = new int[options.Networks];
        for (int i = 0; i < options.Links; i++)
        {
            int network = i % options.Networks;
            int count = (options.Endpoints / options.Links) + (i < options.Endpoints % options.Links ? 1 : 0);
            var bus = new SegmentBus($"bus{i}");
            SegmentLink own = bus.AddStation(new PhysicalAddress([OwnAddress]));
            _middle.AddLink(own, (uint)network + 1);
            _middle.AddAddress(own, new Eid(8));
            for (int place = 0; place < count; place++) AddEndpoint(bus, own, (byte)(FirstAddress + place), new Eid((byte)(FirstEid + eids[network]++)));
        }

        _socket = _middle.OpenSocket();
    }

    public int Endpoints => _peers.Count;

    /// <summary>Asks every endpoint for its EID and checks what it says.</summary>
    public void AskAll()
    {
        int answered = 0;
        _instance = (_instance + 1) & 0x1F;
        Span<byte> request = stackalloc byte[ControlHeader.Size];
        ControlHeader.Request(ControlCommand.GetEndpointId, _instance).Emit(request);
        int next = 0;
        while (answered < _peers.Count)
        {
            _now = Environment.TickCount64;
            int before = answered + next;
            for (; next < _peers.Count && next - answered < MostInFlight; next++)
            {
                SendStatus status = _middle.Send(_socket, _peers[next], request, _now, more: true);
                if (status == SendStatus.WouldBlock) break;
                if (status != SendStatus.Ok) throw new InvalidOperationException($"asking endpoint {_peers[next].Eid} of network {_peers[next].Network}: {status}");
            }

            _middle.Flush();
            RunEndpoints();
            _middle.Poll(_now, Budget);
            answered += TakeAnswers();
            if (answered + next == before) throw new InvalidOperationException($"only {answered} of {_peers.Count} endpoints have answered");
        }
    }

    private void AddEndpoint(SegmentBus bus, SegmentLink own, byte address, Eid eid)
    {
        var physical = new PhysicalAddress([address]);
        SegmentLink link = bus.AddStation(physical);
        var stack = new MctpStack(s_options);
        stack.AddLink(link);
        stack.AddAddress(link, eid);
        stack.AddRoute(MctpRoute.Direct(new Eid(8), new Eid(8), link));
        stack.SetNeighbour(link, new Eid(8), own.Address);
        stack.SetService(MessageType.Control, new ControlResponder(new ControlResponderOptions { Uuid = new Guid(_peers.Count, 0, 0, new byte[8]) }));
        link.Arrived = _busy.Enqueue;
        _stacks.Add(link, stack);
        _middle.AddRoute(MctpRoute.Direct(eid, eid, own));
        _middle.SetNeighbour(own, eid, physical);
        _peers.Add(new MctpEndPoint(eid, MessageType.Control, MctpTag.Owner, own.Network));
    }

    private void RunEndpoints()
    {
        while (_busy.TryDequeue(out SegmentLink? link)) _stacks[link].Poll(_now, Budget);
    }

    private int TakeAnswers()
    {
        int taken = 0;
        while (_middle.TryReceive(_socket, _buffer, out MctpReceiveResult result))
        {
            // Type, header and completion code, then the EID that the endpoint believes to have.
            if (result.Length <= ControlHeader.ResponseSize || _buffer[ControlHeader.ResponseSize] != result.From.Eid.Value)
                throw new InvalidOperationException($"endpoint {result.From.Eid} of network {result.From.Network} answered with {result.Length} bytes that are not its EID");
            taken++;
        }

        return taken;
    }
}
