// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Fuzz;

/// <summary>MCTP packets into a stack, with time passing between them.</summary>
internal sealed class PacketTarget : IFuzzTarget
{
    private const int TimeBit = 0x80;
    private const int LongLength = 0x7F;

    public string Name => "packets";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        byte[] first = [0x01, .. new byte[63]];
        yield return ("single", Step(0, [1, 8, 9, 0xC8, 0x01, 1, 2, 3]));
        yield return ("three", [.. Step(0, [1, 8, 9, 0x88, .. first]), .. Step(0, [1, 8, 9, 0x18, .. new byte[64]]), .. Step(5, [1, 8, 9, 0x68, 1, 2, 3])]);
        yield return ("interleaved",
            [.. Step(0, [1, 8, 9, 0x88, .. first]), .. Step(0, [1, 8, 10, 0x89, .. first]), .. Step(0, [1, 8, 9, 0x58, 1]), .. Step(0, [1, 8, 10, 0x59, 2])]);
        yield return ("control", [.. Step(0, [1, 0, 9, 0xC8, 0x00, 0x81, 0x02]), .. Step(0, [1, 8, 9, 0xC9, 0x00, 0x82, 0x01, 0x00, 0x0A])]);
        yield return ("expiring", [.. Step(0, [1, 8, 9, 0x88, .. first]), .. Step(7000, [1, 8, 9, 0x58, 1])]);
        yield return ("answer", [.. Step(0, [1, 8, 9, 0xC0, 0x01, 1]), .. Step(0, [1, 8, 9, 0x80, 0x01, 1])]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        var fed = new FedStack();
        var reader = new InputReader(input);
        MctpSocketCore client = fed.Stack.OpenSocket();
        fed.Stack.Send(client, new MctpEndPoint(new Eid(FedStack.PeerEid), MessageType.Pldm, MctpTag.Owner), [1], fed.Now);
        for (int packets = 0; !reader.IsEmpty; packets++)
        {
            byte step = reader.Byte();
            int time = (step & TimeBit) != 0 ? reader.UInt16() : 0;
            int length = step & ~TimeBit;
            if (length == LongLength) length = reader.UInt16();
            ReadOnlySpan<byte> packet = reader.Take(length);
            fed.Link.Feed(packet, packet.Length == 0 ? 0 : packet[^1] % packet.Length);
            fed.Turn(time);
            if (packets % 16 == 15) fed.Drain();
        }

        fed.Probe();
    }

    private static byte[] Step(int time, byte[] packet) =>
        [(byte)(packet.Length | (time == 0 ? 0 : TimeBit)), .. time == 0 ? [] : BitConverter.GetBytes((ushort)time), .. packet];
}
