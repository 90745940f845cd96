// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>The far end of a link, packet by packet: a second stack with a raw socket that sends and sees exactly what a test wants.</summary>
internal sealed class WireEnd
{
    private readonly MctpStack _far = new(new MctpStackOptions { SocketQueueMessages = 100_000, SocketQueueBytes = 64 << 20 });
    private readonly MctpSocketCore _raw;
    private readonly byte[] _buffer = new byte[70_000];

    public WireEnd(MctpStack near, int mtu = 68, uint network = 1, int capacity = 1 << 20, string nearAddress = "", string farAddress = "")
    {
        (PairLink a, PairLink b) = PairLink.Create(mtu, capacity, "wire", Address(nearAddress), Address(farAddress));
        Near = a;
        near.AddLink(a, network);
        _far.AddLink(b);
        _raw = _far.OpenSocket(MctpSocketKind.Raw);
        _far.Bind(_raw, default);
    }

    /// <summary>The link of the stack under test.</summary>
    public PairLink Near { get; }

    /// <summary>An address from hexadecimal digits.</summary>
    public static PhysicalAddress Address(string hex) => new(Convert.FromHexString(hex));

    public void Send(string hex) => Send(Bytes.FromHex(hex));

    public void Send(byte[] packet) => Assert.Equal(SendStatus.Ok, _far.SendRaw(_raw, 1, packet));

    public void Send(MctpHeader header, byte[] payload)
    {
        byte[] packet = new byte[4 + payload.Length];
        header.Write(packet);
        payload.CopyTo(packet, 4);
        Send(packet);
    }

    /// <summary>Sends one packet with the source, destination and flags as given; the payload is a type byte (first packets) and filler.</summary>
    public void Send(int source, int destination, byte flags, byte[] payload)
    {
        byte[] packet = [1, (byte)destination, (byte)source, flags, .. payload];
        Send(packet);
    }

    /// <summary>What the stack under test has sent since the last call.</summary>
    public List<byte[]> Take()
    {
        var packets = new List<byte[]>();
        int before;
        do
        {
            before = packets.Count;
            _far.Poll(0, 100_000);
            while (_far.TryReceive(_raw, _buffer, out MctpReceiveResult result)) packets.Add(_buffer[..result.Length]);
        }
        while (packets.Count != before);
        return packets;
    }
}
