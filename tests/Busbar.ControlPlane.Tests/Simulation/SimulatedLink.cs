// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>One station on a simulated medium.</summary>
internal sealed class SimulatedLink : MctpLink
{
    private readonly SimulatedMedium _medium;
    private readonly PhysicalAddress _address;
    private readonly List<(PhysicalAddress To, byte[] Packet)> _staged = [];
    private readonly Queue<(PhysicalAddress From, byte[] Packet)> _arrived = new();

    public SimulatedLink(string name, SimulatedMedium medium, PhysicalAddress address)
        : base(name, medium.Binding)
    {
        _medium = medium;
        _address = address;
        Mtu = medium.Mtu;
        ReportState(up: true, now: 0);
        medium.Attach(this);
    }

    public override PhysicalAddress Address => _address;

    public SimulatedMedium Medium => _medium;

    /// <summary>Packets that arrived and were not polled yet.</summary>
    public bool HasArrivals => _arrived.Count != 0;

    public override SendRoom Room(int packets, int bytes) => IsUp ? SendRoom.Now : SendRoom.Down;

    public override bool Write(in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (!IsUp) return false;
        byte[] packet = new byte[MctpHeader.Size + first.Length + second.Length];
        header.Write(packet);
        first.CopyTo(packet.AsSpan(MctpHeader.Size));
        second.CopyTo(packet.AsSpan(MctpHeader.Size + first.Length));
        _staged.Add((to, packet));
        return true;
    }

    public override void Flush()
    {
        foreach ((PhysicalAddress to, byte[] packet) in _staged) _medium.Send(this, to, packet);
        _staged.Clear();
    }

    public override void Poll(ref PollContext context)
    {
        while (!context.IsDone && _arrived.TryDequeue(out (PhysicalAddress From, byte[] Packet) next))
            context.Deliver(this, next.From, MctpHeader.Read(next.Packet), next.Packet.AsSpan(MctpHeader.Size), default);
    }

    public void Arrive(PhysicalAddress from, byte[] packet)
    {
        if (IsUp) _arrived.Enqueue((from, packet));
    }

    public void SetUp(bool up, long now)
    {
        if (!up) _arrived.Clear();
        ReportState(up, now);
    }

    public override void Close(long now)
    {
        _medium.Detach(this);
        SetUp(up: false, now);
    }
}
