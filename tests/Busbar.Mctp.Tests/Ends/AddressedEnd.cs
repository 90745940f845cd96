// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>A link on a medium with several physical addresses, like I2C: a test says what arrives from where, and sees what is sent where.</summary>
internal sealed class AddressedEnd : MctpLink
{
    private readonly Queue<(PhysicalAddress From, MctpHeader Header, byte[] Payload)> _arriving = new();
    private readonly MctpStack _stack;
    private bool _isStaged;

    public AddressedEnd(MctpStack stack)
        : base("addressed", PhysicalBinding.Smbus)
    {
        _stack = stack;
        Mtu = 68;
        ReportState(up: true, now: 0);
    }

    /// <summary>Packets that were sent, with their physical destinations.</summary>
    public List<(PhysicalAddress To, byte[] Packet)> Sent { get; } = [];

    public AddressedEnd Attach()
    {
        _stack.AddLink(this);
        return this;
    }

    /// <summary>Lets a packet with null source and null destination arrive.</summary>
    public void Deliver(string from, byte flags, byte[] payload) => Deliver(from, 0, 0, flags, payload);

    public void Deliver(string from, byte source, byte destination, byte flags, byte[] payload) =>
        _arriving.Enqueue((WireEnd.Address(from), MctpHeader.Read([1, destination, source, flags]), payload));

    /// <summary>True to go on delivering when the turn is over, as a careless link would.</summary>
    public bool IgnoresDone { get; set; }

    /// <summary>Counts a drop of the link's own.</summary>
    public void Lose(DropReason reason) => CountDrop(reason);

    /// <summary>True to refuse every packet.</summary>
    public bool Refuses { get; set; }

    /// <summary>How often something that had been written was flushed.</summary>
    public int Flushes { get; private set; }

    /// <summary>What the link says about room.</summary>
    public SendRoom Space { get; set; } = SendRoom.Now;

    public override SendRoom Room(int packets, int bytes) => Space;

    public override bool Write(in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (Refuses) return false;
        _isStaged = true;
        byte[] packet = new byte[4 + first.Length + second.Length];
        header.Write(packet);
        first.CopyTo(packet.AsSpan(4));
        second.CopyTo(packet.AsSpan(4 + first.Length));
        Sent.Add((to, packet));
        return true;
    }

    public override void Flush()
    {
        if (_isStaged) Flushes++;
        _isStaged = false;
    }

    public override void Poll(ref PollContext context)
    {
        while ((!context.IsDone || IgnoresDone) && _arriving.TryDequeue(out (PhysicalAddress From, MctpHeader Header, byte[] Payload) packet))
            context.Deliver(this, packet.From, packet.Header, packet.Payload, default);
    }
}
