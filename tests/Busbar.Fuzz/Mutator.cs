// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Fuzz;

/// <summary>Makes bad inputs from good ones. The same random numbers make the same input.</summary>
internal static class Mutator
{
    private const int LongestInput = 1 << 16;
    private const int MostSteps = 8;

    private static readonly uint[] s_interesting =
    [
        0, 1, 2, 3, 4, 7, 8, 0xF, 0x10, 0x3F, 0x40, 0x7F, 0x80, 0xFE, 0xFF, 0x100, 0x7FFF, 0x8000, 0xFFFF, 0x10000, 0xFF_FFFF,
        0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFC, 0xFFFF_FFFE, 0xFFFF_FFFF,
    ];

    /// <summary>Changes an input in one to eight ways.</summary>
    /// <param name="input">What to start from; left alone.</param>
    /// <param name="others">Inputs to splice with.</param>
    /// <param name="random">Decides everything.</param>
    public static byte[] Mutate(byte[] input, IReadOnlyList<byte[]> others, Random random)
    {
        byte[] result = input;
        for (int steps = 1 + random.Next(MostSteps); steps > 0; steps--) result = Step(result, others, random);
        return ReferenceEquals(result, input) ? [.. input] : result;
    }

    private static byte[] Step(byte[] input, IReadOnlyList<byte[]> others, Random random)
    {
        if (input.Length == 0) return Noise(random);
        int at = random.Next(input.Length);
        int length = 1 + random.Next(Math.Min(input.Length - at, 64));
        byte[] copy = [.. input];
        switch (random.Next(9))
        {
            case 0:
                copy[at] ^= (byte)(1 << random.Next(8));
                return copy;
            case 1:
                copy[at] = (byte)random.Next(256);
                return copy;
            case 2:
                return Poke(copy, at, s_interesting[random.Next(s_interesting.Length)], random);
            case 3:
                copy[at] += (byte)(random.Next(2) == 0 ? 1 : 255);
                return copy;
            case 4:
                return copy[..at];
            case 5:
                return [.. copy.AsSpan(0, at), .. copy.AsSpan(at + length)];
            case 6:
                return Limited([.. copy.AsSpan(0, at + length), .. copy.AsSpan(at)]);
            case 7:
                return Limited([.. copy.AsSpan(0, at), .. Noise(random), .. copy.AsSpan(at)]);
            default:
                byte[] other = others[random.Next(others.Count)];
                return Limited([.. copy.AsSpan(0, at), .. other.AsSpan(random.Next(other.Length + 1))]);
        }
    }

    // In one, two or four bytes, in either byte order, wherever that much is left.
    private static byte[] Poke(byte[] copy, int at, uint value, Random random)
    {
        Span<byte> place = copy.AsSpan(at);
        bool bigEndian = random.Next(2) == 0;
        switch (random.Next(3))
        {
            case 0 when place.Length >= 4 && bigEndian:
                BinaryPrimitives.WriteUInt32BigEndian(place, value);
                break;
            case 0 when place.Length >= 4:
                BinaryPrimitives.WriteUInt32LittleEndian(place, value);
                break;
            case 1 when place.Length >= 2 && bigEndian:
                BinaryPrimitives.WriteUInt16BigEndian(place, (ushort)value);
                break;
            case 1 when place.Length >= 2:
                BinaryPrimitives.WriteUInt16LittleEndian(place, (ushort)value);
                break;
            default:
                place[0] = (byte)value;
                break;
        }

        return copy;
    }

    private static byte[] Noise(Random random)
    {
        byte[] noise = new byte[1 + random.Next(32)];
        random.NextBytes(noise);
        return noise;
    }

    private static byte[] Limited(byte[] input) => input.Length <= LongestInput ? input : input[..LongestInput];
}
