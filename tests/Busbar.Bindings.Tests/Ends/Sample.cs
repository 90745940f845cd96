// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings.Tests;

/// <summary>The packets that all bindings are tried with.</summary>
internal static class Sample
{
    /// <summary>Get Endpoint ID from 8 to the null EID.</summary>
    public static readonly byte[] Request = Bytes("01 00 08 c8 00 80 02");

    /// <summary>Its answer.</summary>
    public static readonly byte[] Response = Bytes("01 08 09 c0 00 00 02 00 09 00 00");

    public static byte[] Bytes(string text) => Convert.FromHexString(text.Replace(" ", "", StringComparison.Ordinal));

    /// <summary>A packet with a good header and random payload.</summary>
    public static byte[] Packet(Random random, int length)
    {
        byte[] packet = new byte[length];
        random.NextBytes(packet);
        packet[0] = 1;
        return packet;
    }
}
