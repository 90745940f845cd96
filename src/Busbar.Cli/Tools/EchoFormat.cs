// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>The messages of mctp-req and mctp-echo: type 0x7e, the bytes <c>cc de f0</c>, then data.</summary>
internal static class EchoFormat
{
    /// <summary>Most bytes of data behind the prefix.</summary>
    public const int MostData = 65_535 - PrefixLength;

    private const int PrefixLength = 3;

    /// <summary>The message type.</summary>
    public static MessageType Type => MessageType.VendorPci;

    /// <summary>What each message starts with.</summary>
    public static ReadOnlySpan<byte> Prefix => [0xCC, 0xDE, 0xF0];

    /// <summary>A message with this data.</summary>
    public static byte[] Request(ReadOnlySpan<byte> data)
    {
        byte[] message = new byte[PrefixLength + data.Length];
        Prefix.CopyTo(message);
        data.CopyTo(message.AsSpan(PrefixLength));
        return message;
    }

    /// <summary>A message with so many bytes of data that count up.</summary>
    public static byte[] Request(int length)
    {
        byte[] data = new byte[length];
        for (int i = 0; i < length; i++) data[i] = (byte)i;
        return Request(data);
    }
}
