// SPDX-License-Identifier: Apache-2.0
namespace Busbar.TestKit;

/// <content>Packets and the messages that they make.</content>
public static partial class SocketCaseTable
{
    private const byte Start = 0x80;
    private const byte End = 0x40;
    private const byte Owner = 0x08;

    /// <summary>Packets to EID 8, for a socket that is bound to type 1 there.</summary>
    public static IReadOnlyList<DeliveryCase> Deliveries { get; } =
    [
        new("whole request", [Packet(10, Start | End | Owner, 1, 7)], [[7]]),
        new("type byte alone", [Packet(10, Start | End | Owner, 1)], [[]]),
        new("no payload", [Packet(10, Start | End | Owner)], []),
        new("integrity bit of the type", [Packet(10, Start | End | Owner, 0x81, 7)], [[7]]),
        new("another type", [Packet(10, Start | End | Owner, 2, 7)], []),
        new("answer that nobody waits for", [Packet(10, Start | End, 1, 7)], []),
        new("end without a start", [Packet(10, End | Owner, 1, 7)], []),
        new("neither start nor end", [Packet(10, Owner, 1, 7)], []),
        new("nothing but zero flags", [Packet(10, 0, 1, 7)], []),
        new("reserved bits of the first byte", [[0xF1, 8, 10, Start | End | Owner, 1, 7]], [[7]]),
        new("another version", [[2, 8, 10, Start | End | Owner, 1, 7]], []),
        new("EID that is not held", [[1, 77, 10, Start | End | Owner, 1, 7]], []),
        new("null EID as destination", [[1, 0, 10, Start | End | Owner, 1, 7]], [[7]]),
        new("null EID as source", [Packet(0, Start | End | Owner, 1, 7)], [[7]]),
        new("broadcast EID as destination", [[1, 255, 10, Start | End | Owner, 1, 7]], [[7]]) { KernelMessages = [] },
        new("reserved source 1", [Packet(1, Start | End | Owner, 1, 7)], []),
        new("reserved source 7", [Packet(7, Start | End | Owner, 1, 7)], []),
        new("broadcast source", [Packet(255, Start | End | Owner, 1, 7)], []),

        Sequence("one packet that counts 1", [1], isDelivered: true),
        Sequence("0 1", [0, 1], isDelivered: true),
        Sequence("1 2", [1, 2], isDelivered: true),
        Sequence("0 1 2", [0, 1, 2], isDelivered: true),
        Sequence("3 0", [3, 0], isDelivered: true),
        Sequence("2 3 0 1 2 3 0 1 2", [2, 3, 0, 1, 2, 3, 0, 1, 2], isDelivered: true),
        Sequence("0 2", [0, 2], isDelivered: false),
        Sequence("0 0", [0, 0], isDelivered: false),
        Sequence("2 1", [2, 1], isDelivered: false),

        new("end before its start", [Part(End, 1, 0x11), Part(Start, 0, 0x11)], []),
        new("wrong number, then the right one", [Part(Start, 0, 0x11), Part(0, 2, 0x22), Part(End, 1, 0x33)], []) { KernelMessages = [Body(0x11, 0x33)] },
        new("second start of a busy key", [Part(Start, 0, 0x11), Part(Start, 0, 0x22), Part(End, 1, 0x22)], [Body(0x22, 0x22)]) { KernelMessages = [] },
        new(
            "whole message on a busy key",
            [Part(Start, 0, 0x11), Packet(10, Start | End | Owner, 1, 7), Part(End, 1, 0x11)],
            [[7]]),
        new(
            "same key but for TO in between",
            [Part(Start, 0, 0x11), Packet(10, End | 0x10, 9, 9), Part(End, 1, 0x33)],
            [Body(0x11, 0x33)]),
        new(
            "two tags, interleaved",
            [Part(Start, 0, 0x11), Part(Start, 0, 0x22, tag: 1), Part(End, 1, 0x33), Part(End, 1, 0x44, tag: 1)],
            [Body(0x11, 0x33), Body(0x22, 0x44)]),
        new(
            "two sources, interleaved",
            [Part(Start, 0, 0x11), Part(Start, 0, 0x22, source: 11), Part(End, 1, 0x44, source: 11), Part(End, 1, 0x33)],
            [Body(0x22, 0x44), Body(0x11, 0x33)]),
        new(
            "middle packet that is smaller",
            [Part(Start, 0, 0x11), Part(0, 1, 0x22, length: 60), Part(End, 2, 0x33)],
            []) { KernelMessages = [[.. Body(0x11), .. Filled(0x22, 60), .. Filled(0x33, 64)]] },
        new(
            "last packet that is smaller",
            [Part(Start, 0, 0x11), Part(0, 1, 0x22), Part(End, 2, 0x33, length: 1)],
            [[.. Body(0x11), .. Filled(0x22, 64), 0x33]]),
    ];

    private static byte[] Packet(byte source, int flags, params byte[] payload) => [1, 8, source, (byte)flags, .. payload];

    // A packet of a message of several: the first one begins with the type.
    private static byte[] Part(int flags, int sequence, byte fill, int length = 64, int tag = 0, byte source = 10)
    {
        byte[] packet = Packet(source, flags | Owner | (sequence << 4) | tag, Filled(fill, length));
        if ((flags & Start) != 0) packet[4] = 1;
        return packet;
    }

    private static byte[] Filled(byte value, int length)
    {
        byte[] bytes = new byte[length];
        Array.Fill(bytes, value);
        return bytes;
    }

    // The body of a message whose packets are full and filled so; the type byte is not part of it.
    private static byte[] Body(params byte[] fills) => [.. fills.SelectMany(fill => Filled(fill, 64)).Skip(1)];

    private static DeliveryCase Sequence(string name, int[] numbers, bool isDelivered)
    {
        byte[][] packets =
        [
            .. numbers.Select((number, i) => Part((i == 0 ? Start : 0) | (i == numbers.Length - 1 ? End : 0), number, (byte)(0x10 + i))),
        ];
        byte[] body = Body([.. numbers.Select((_, i) => (byte)(0x10 + i))]);
        return new DeliveryCase($"sequence {name}", packets, isDelivered ? [body] : []);
    }
}
