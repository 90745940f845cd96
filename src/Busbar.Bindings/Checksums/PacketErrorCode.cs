// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>The packet error code of SMBus (PEC), which I3C and KCS use, too: CRC-8, polynomial 0x07, start 0, not reflected. Of "123456789" it is 0xf4.</summary>
public static class PacketErrorCode
{
    private const int Polynomial = 0x07;

    private static readonly byte[] s_table = MakeTable();

    /// <summary>The code of some bytes.</summary>
    /// <param name="bytes">In the order of the wire.</param>
    /// <param name="start">The code of the bytes before them; 0 when there are none.</param>
    public static byte Of(ReadOnlySpan<byte> bytes, byte start = 0)
    {
        byte code = start;
        foreach (byte value in bytes) code = s_table[code ^ value];
        return code;
    }

    /// <summary>The code with one more byte.</summary>
    /// <param name="value">The byte.</param>
    /// <param name="start">The code of the bytes before it; 0 when there are none.</param>
    public static byte Of(byte value, byte start = 0) => s_table[start ^ value];

    private static byte[] MakeTable()
    {
        byte[] table = new byte[256];
        for (int i = 0; i < table.Length; i++)
        {
            int value = i;
            for (int bit = 0; bit < 8; bit++) value = (value & 0x80) != 0 ? (value << 1) ^ Polynomial : value << 1;
            table[i] = (byte)value;
        }

        return table;
    }
}
