// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>
/// The check sequence of serial frames (DSP0253): CRC-16, reflected polynomial 0x8408, start 0xffff, no final inversion. Of "123456789" it is 0x6f91.
/// </summary>
public static class FrameCheck
{
    /// <summary>What a computation starts with.</summary>
    public const ushort Start = 0xFFFF;

    private const int Polynomial = 0x8408;

    private static readonly ushort[] s_table = MakeTable();

    /// <summary>Takes one more byte into a check sequence.</summary>
    /// <param name="check">So far; <see cref="Start"/> at the beginning.</param>
    /// <param name="value">The byte.</param>
    public static ushort Add(ushort check, byte value) => (ushort)((check >> 8) ^ s_table[(byte)(check ^ value)]);

    /// <summary>Takes more bytes into a check sequence.</summary>
    /// <param name="check">So far; <see cref="Start"/> at the beginning.</param>
    /// <param name="bytes">The bytes in the order of the wire.</param>
    public static ushort Add(ushort check, ReadOnlySpan<byte> bytes)
    {
        foreach (byte value in bytes) check = Add(check, value);
        return check;
    }

    private static ushort[] MakeTable()
    {
        ushort[] table = new ushort[256];
        for (int i = 0; i < table.Length; i++)
        {
            int value = i;
            for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
            table[i] = (ushort)value;
        }

        return table;
    }
}
