// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Mctp;

/// <summary>
/// A version in the form that MCTP and PLDM use: major, minor and update in packed decimal, each with 0xF as the upper digit when it has one
/// digit, and an optional letter. Kept as it is on the wire; <see cref="ToString"/> writes it for people.
/// </summary>
/// <param name="Raw">The four bytes, major first, in the highest bits.</param>
public readonly record struct MctpVersion(uint Raw)
{
    /// <summary>Bytes on the wire.</summary>
    public const int Size = 4;

    private const byte NoUpdate = 0xFF;

    /// <summary>Builds a version.</summary>
    /// <param name="major">0..99.</param>
    /// <param name="minor">0..99.</param>
    /// <param name="update">0..99, or -1 when not given.</param>
    /// <param name="alpha">A letter, or NUL for none.</param>
    public MctpVersion(int major, int minor, int update = -1, char alpha = '\0')
        : this(((uint)Pack(major) << 24) | ((uint)Pack(minor) << 16) | ((uint)(update < 0 ? NoUpdate : Pack(update)) << 8) | (byte)alpha)
    {
    }

    /// <summary>Reads a version.</summary>
    /// <param name="bytes">At least four bytes.</param>
    public static MctpVersion Read(ReadOnlySpan<byte> bytes) => new(BinaryPrimitives.ReadUInt32BigEndian(bytes));

    /// <summary>Writes a version.</summary>
    /// <param name="bytes">At least four bytes.</param>
    public void Write(Span<byte> bytes) => BinaryPrimitives.WriteUInt32BigEndian(bytes, Raw);

    /// <summary>For instance <c>1.3.1</c>, <c>1.2</c> or <c>1.0a</c>; digits that are none are shown in hexadecimal.</summary>
    public override string ToString()
    {
        byte update = (byte)(Raw >> 8);
        char alpha = (char)(byte)Raw;
        string text = $"{Digits((byte)(Raw >> 24))}.{Digits((byte)(Raw >> 16))}";
        if (update != NoUpdate) text += $".{Digits(update)}";
        return char.IsAsciiLetter(alpha) ? text + alpha : text;
    }

    private static byte Pack(int number)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(number);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(number, 99);
        return (byte)(number < 10 ? 0xF0 | number : ((number / 10) << 4) | (number % 10));
    }

    private static string Digits(byte packed) => (packed & 0xF0) == 0xF0 ? $"{packed & 0x0F:x}" : $"{packed:x2}";
}
