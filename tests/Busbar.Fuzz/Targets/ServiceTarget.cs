// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Fuzz;

/// <summary>Whole requests of one type to the service that answers it.</summary>
internal sealed class ServiceTarget : IFuzzTarget
{
    private readonly MessageType _type;
    private readonly byte[][] _bodies;

    private ServiceTarget(string name, MessageType type, byte[][] bodies)
    {
        Name = name;
        _type = type;
        _bodies = bodies;
    }

    public string Name { get; }

    /// <summary>Control requests into the responder.</summary>
    public static ServiceTarget Control() => new(
        "control",
        MessageType.Control,
        [
            [0x80, 0x01, 0x00, 0x0A], [0x81, 0x01, 0x02, 0x00], [0x82, 0x02], [0x83, 0x03], [0x84, 0x04, 0xFF], [0x85, 0x04, 0x00], [0x86, 0x05],
            [0x87, 0x06, 0x00], [0x88, 0x07, 0x09], [0x89, 0x08, 0x00, 0x04, 0x20], [0x8A, 0x09, 0x01, 0x00, 0x01, 0x10, 0x01], [0x8B, 0x0A, 0x00],
            [0x8C, 0x0B], [0x8D, 0x0C], [0xCE, 0x0D], [0x8F, 0x0E], [0x90, 0x0F, 0x08, 0x00], [0x91, 0x10, .. new byte[17]], [0x92, 0x11], [0x93, 0xF0, 1, 2],
        ]);

    /// <summary>Echo and bench messages.</summary>
    public static ServiceTarget Vendor() => new(
        "vendor",
        MessageType.VendorPci,
        [
            [0xCC, 0xDE, 0xF0, 1, 2, 3], [0xCC, 0xDE, 0xF1, 0xCA, 0xBE, 0xFA, 0xFF, 0xFF, 0xFF, 9, 10, 11],
            [0xCC, 0xDE, 0xF1, 0xDD, 0x22, 1, 1, 7, 0, 0, 0, 0, 0, 0, 0, 64, 0, 5, 0, 0, 0, 0, 0, 0, 0], [0xCC, 0xDE, 0xF1, 0xDD, 0x22, 1, 0, 7, 0, 0, 0, 0], [0x12, 0x34, 5],
        ]);

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        for (int i = 0; i < _bodies.Length; i++) yield return ($"one{i:00}", Step(_bodies[i]));
        yield return ("all", [.. _bodies.SelectMany(Step)]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        var fed = new FedStack();
        var reader = new InputReader(input);
        while (!reader.IsEmpty)
        {
            // The second byte of a step plays with destination, source, tag bits and the IC bit; 0 is a usual request.
            int length = reader.Byte();
            byte odd = reader.Byte();
            byte destination = (odd & 3) switch { 0 => FedStack.OwnEid, 1 => 0, 2 => 0xFF, _ => 77 };
            byte source = (odd & 4) == 0 ? FedStack.PeerEid : (byte)0;
            byte flags = (byte)(0xC8 ^ ((odd >> 3) & 0x0F));
            byte type = (byte)(_type.Raw | (odd & 0x80));
            int sent = fed.Link.Sent.Count;
            fed.Link.Feed([0x01, destination, source, flags, type, .. reader.Take(length)], 1);
            fed.Turn(odd & 1);
            for (; sent < fed.Link.Sent.Count; sent++) Judge(fed.Link.Sent[sent]);
        }

        fed.Turn(1);
        fed.Probe();
    }

    // What a control responder sends is an answer of its own type that fits into one baseline packet. Only a first packet shows its type.
    private static void Judge(byte[] packet)
    {
        if (packet.Length <= MctpHeader.Size || (packet[3] & 0x80) == 0 || packet[4] != MessageType.Control.Raw) return;
        FuzzViolationException.Require(packet.Length is >= 8 and <= 68, "a control answer has a completion code and fits into a baseline packet");
        FuzzViolationException.Require((packet[3] & 0xC8) == 0xC0 && (packet[5] & 0xC0) == 0, "a control answer is marked as one");
    }

    private static byte[] Step(byte[] body) => [(byte)body.Length, 0, .. body];
}
