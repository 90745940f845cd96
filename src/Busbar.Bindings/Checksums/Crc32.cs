// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>CRC-32 as Ethernet has it: reflected polynomial 0xEDB88320, start and end inverted. Of "123456789" it is 0xcbf43926.</summary>
public static class Crc32
{
    private const uint Polynomial = 0xEDB88320;

    private static readonly uint[] s_table = MakeTable();

    /// <summary>The check of some bytes.</summary>
    /// <param name="bytes">In the order of the wire.</param>
    public static uint Of(ReadOnlySpan<byte> bytes)
    {
        uint check = uint.MaxValue;
        foreach (byte value in bytes) check = (check >> 8) ^ s_table[(byte)(check ^ value)];
        return ~check;
    }

    private static uint[] MakeTable()
    {
        uint[] table = new uint[256];
        for (uint i = 0; i < table.Length; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++) value = (value & 1) != 0 ? (value >> 1) ^ Polynomial : value >> 1;
            table[i] = value;
        }

        return table;
    }
}
