// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;

namespace Busbar.Fuzz;

/// <summary>A small stack behind a <see cref="FeedLink"/>, with every service, a bound socket, and one that asked something.</summary>
internal sealed class FedStack
{
    public const byte OwnEid = 8;
    public const byte PeerEid = 9;

    private static readonly byte[] s_probe = [0xCC, 0xDE, 0xF0, 0x5A, 0xA5];

    private readonly byte[] _buffer = new byte[8192];
    private readonly MctpStackOptions _options = new()
    {
        MaximumMessage = 4096,
        ReassemblyBytes = 16_384,
        ReassemblyBytesPerLink = 8192,
        ReassemblyContexts = 8,
        ReassemblyContextsPerLink = 6,
        ReassemblyContextsPerPeer = 3,
        SocketQueueBytes = 16_384,
        SocketQueueMessages = 8,
        StagedBytes = 16_384,
        ServiceQueueMessages = 8,
    };

    private readonly BenchService _bench = new();

    public FedStack()
    {
        Stack = new MctpStack(_options);
        Stack.AddLink(Link);
        Stack.AddAddress(Link, new Eid(OwnEid));
        Stack.AddRoute(MctpRoute.Direct(new Eid(PeerEid), new Eid(PeerEid), Link));
        Stack.SetService(MessageType.Control, new ControlResponder(new ControlResponderOptions { Uuid = Guid.Empty, MessageTypes = [MessageType.VendorPci], SupportsDiscovery = true }));
        Stack.SetService(MessageType.VendorPci, new VendorTypeService(new EchoService(), _bench));
        Listener = Stack.OpenSocket();
        Stack.Bind(Listener, new MctpEndPoint(Eid.Any, MessageType.Pldm));
        Raw = Stack.OpenSocket(MctpSocketKind.Raw);
        Stack.Bind(Raw, new MctpEndPoint(Eid.Any, default));
    }

    public MctpStack Stack { get; }

    public FeedLink Link { get; } = new();

    public MctpSocketCore Listener { get; }

    public MctpSocketCore Raw { get; }

    public long Now { get; private set; } = 1000;

    /// <summary>Gives the stack turns until the link's queue is empty; what is sent meanwhile is bounded.</summary>
    public void Turn(int milliseconds)
    {
        Now += milliseconds;
        Stack.Poll(Now, 64);
        FuzzViolationException.Require(Stack.ReassemblyBytes <= _options.ReassemblyBytes, "reassembly stays within its bytes");
        FuzzViolationException.Require(Stack.RunningAssemblies <= _options.ReassemblyContexts, "reassembly stays within its contexts");
        FuzzViolationException.Require(_bench.Running <= BenchService.MaximumRuns, "bench runs stay within their number");
        if (Link.Sent.Count > 4096) Link.Sent.Clear();
    }

    /// <summary>Takes what waits in the sockets.</summary>
    public void Drain()
    {
        while (Stack.TryReceive(Listener, _buffer, out MctpReceiveResult result)) FuzzViolationException.Require(result.Length < _options.MaximumMessage, "no message is longer than the limit");
        while (Stack.TryReceive(Raw, _buffer, out _))
        {
        }
    }

    /// <summary>Whatever came before: an echo request is answered, and buffers stay within what all bounds together allow.</summary>
    public void Probe()
    {
        Drain();
        Turn(0);
        Link.Sent.Clear();
        Link.Feed([0x01, 0x00, PeerEid, 0xC8, MessageType.VendorPci.Raw, .. s_probe], 1);
        Turn(0);
        FuzzViolationException.Require(
            Link.Sent.Exists(packet => packet[1] == PeerEid && packet[3] == 0xC0 && packet.AsSpan(5).SequenceEqual(s_probe)), "an echo request is answered afterwards");
        FuzzViolationException.Require(Stack.BufferBytes <= 1 << 20, "buffers stay within a megabyte");
    }
}
