// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>A station that sends whatever comes to its mind to everybody: requests, answers to nobody's questions, pieces. It assigns nothing, which anybody may.</summary>
internal sealed class Flooder
{
    private readonly World _world;
    private readonly SimulatedMedium _medium;
    private readonly MctpStack _stack = new();
    private readonly SimulatedLink _link;
    private readonly MctpSocketCore _socket;

    public Flooder(World world, SimulatedMedium medium, byte address)
    {
        _world = world;
        _medium = medium;
        _link = new SimulatedLink("flooder", medium, new PhysicalAddress([address]));
        _stack.AddLink(_link);
        _socket = _stack.OpenSocket(MctpSocketKind.Raw);
    }

    public void Begin(int packets, int perMillisecond)
    {
        for (int i = 0; i < packets; i++) _world.Schedule(_world.Time.Now + 1 + (i / perMillisecond), Send);
    }

    private void Send()
    {
        Random random = _world.Random;
        byte[] packet = new byte[random.Next(5, 69)];
        random.NextBytes(packet);
        packet[0] = 0x01;
        if (random.Next(4) == 0) packet[1] = 0;
        if (random.Next(2) == 0) packet[3] = (byte)(0xC8 | random.Next(8));
        if (random.Next(3) != 0) packet[4] = 0;
        if (packet.Length > 5 && random.Next(2) == 0) packet[5] |= 0x80;
        if (packet.Length > 6) packet[6] = (byte)random.Next(0x16);
        if (packet.Length > 6 && packet[6] is 0x01 or 0x08 or 0x09) packet[6] = 0x02;
        PhysicalAddress to = _medium.Places[random.Next(_medium.Places.Count)];
        _stack.SendRaw(_socket, _link.Index, packet, to);
    }
}
