// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Three bytes, most significant first, as the rate commands use for bursts.</summary>
internal static class UInt24
{
    public static uint Read(ReadOnlySpan<byte> bytes) => ((uint)bytes[0] << 16) | ((uint)bytes[1] << 8) | bytes[2];

    public static void Write(Span<byte> bytes, uint value)
    {
        bytes[2] = (byte)value;
        bytes[1] = (byte)(value >> 8);
        bytes[0] = (byte)(value >> 16);
    }
}
