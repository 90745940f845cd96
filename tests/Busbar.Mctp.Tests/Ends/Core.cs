// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>A stack under test with one link, EID 8 (and others if asked), a far end that deals in packets, and a clock that tests move.</summary>
internal sealed class Core
{
    public const byte Vendor = 0x7E;

    public const byte Som = 0x80;
    public const byte Eom = 0x40;
    public const byte Owner = 0x08;

    private readonly byte[] _buffer = new byte[70_000];

    public Core(int mtu = 68, MctpStackOptions? options = null, int capacity = 1 << 20, params byte[] eids)
    {
        Stack = new MctpStack(options);
        Wire = new WireEnd(Stack, mtu, capacity: capacity);
        foreach (byte eid in eids.Length == 0 ? [8] : eids) Stack.AddAddress(Link, new Eid(eid));
        Assert.Equal(RouteStatus.Ok, Stack.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(254), Link)));
        Assert.Equal(RouteStatus.Ok, Stack.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), Link)));
    }

    public MctpStack Stack { get; }

    public WireEnd Wire { get; }

    public MctpLink Link => Wire.Near;

    public long Now { get; set; } = 1_000;

    public DropCounters Drops => Stack.Statistics.Drops;

    public static MctpEndPoint Peer(byte eid, byte type = Vendor) => new(new Eid(eid), new MessageType(type), MctpTag.Owner, 1);

    public static byte Flags(bool som = false, bool eom = false, int sequence = 0, bool owner = true, int tag = 0) =>
        (byte)((som ? Som : 0) | (eom ? Eom : 0) | ((sequence & 3) << 4) | (owner ? Owner : 0) | tag);

    public MctpSocketCore OpenBound(byte type = Vendor, byte eid = 0xFF, uint network = 0)
    {
        MctpSocketCore socket = Stack.OpenSocket();
        Assert.Equal(BindStatus.Ok, Stack.Bind(socket, new MctpEndPoint(new Eid(eid), new MessageType(type), network: network)));
        return socket;
    }

    public void Poll() => Stack.Poll(Now, 100_000);

    public void PollAt(long now)
    {
        Now = now;
        Poll();
    }

    /// <summary>The next message of a socket, or null.</summary>
    public byte[]? Receive(MctpSocketCore socket) => Receive(socket, out _);

    public byte[]? Receive(MctpSocketCore socket, out MctpReceiveResult result)
    {
        Poll();
        return Stack.TryReceive(socket, _buffer, out result) ? _buffer[..result.Length] : null;
    }

    /// <summary>Sends a request that must be taken, and tells its tag.</summary>
    public MctpTag Request(MctpSocketCore socket, byte peer = 9, int length = 4)
    {
        Assert.Equal(SendStatus.Ok, Stack.Send(socket, Peer(peer), Bytes.Pattern(length), Now, out MctpTag tag));
        return tag;
    }

    /// <summary>Sends until the link has no room.</summary>
    public void Fill()
    {
        MctpSocketCore socket = Stack.OpenSocket();
        byte peer = 20;
        while (Stack.Send(socket, Peer(peer), new byte[60], Now) == SendStatus.Ok) peer++;
    }

    /// <summary>Sends one whole message in one packet from the far end.</summary>
    public void Arrive(int source, int destination, bool owner = true, int tag = 0, byte type = Vendor, byte[]? body = null) =>
        Wire.Send(source, destination, Flags(som: true, eom: true, owner: owner, tag: tag), [type, .. body ?? [0xAA]]);
}
