// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Test data.</summary>
internal static class Bytes
{
    public static byte[] FromHex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    public static string ToHex(ReadOnlySpan<byte> bytes) => string.Join(' ', Convert.ToHexStringLower(bytes).Chunk(2).Select(pair => new string(pair)));

    /// <summary>Bytes that tell their position and the seed, so that a mix-up shows.</summary>
    public static byte[] Pattern(int length, int seed = 0)
    {
        byte[] bytes = new byte[length];
        for (int i = 0; i < length; i++) bytes[i] = (byte)((i * 7) + (i >> 8) + (seed * 31));
        return bytes;
    }
}
