// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Pci;

/// <summary>
/// The bytes of a configuration space at one moment. Decoders work on an image, because a device may answer differently each time it is asked. Immutable.
/// </summary>
/// <remarks>A read beyond the end gives all ones, as a bus does where nobody answers; so no decoder can leave the image.</remarks>
public sealed class PciConfigImage
{
    private readonly byte[] _bytes;

    /// <summary>Takes bytes as they are, a dump for instance.</summary>
    /// <param name="bytes">From byte 0 of the space; what goes beyond 4096 bytes is left out.</param>
    public PciConfigImage(ReadOnlySpan<byte> bytes) => _bytes = bytes[..Math.Min(bytes.Length, PciConfigRegisters.ExtendedLength)].ToArray();

    /// <summary>Bytes in the image, at most 4096.</summary>
    public int Length => _bytes.Length;

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>Reads a space from its start, four bytes at a time.</summary>
    /// <param name="config">The space.</param>
    /// <param name="length">Bytes wanted at most; what there is by default.</param>
    /// <exception cref="PciDeviceException">The device cannot be read.</exception>
    public static PciConfigImage Read(IPciConfigSpace config, int length = PciConfigRegisters.ExtendedLength)
    {
        ArgumentNullException.ThrowIfNull(config);
        byte[] bytes = new byte[Math.Clamp(Math.Min(length, config.Length), 0, PciConfigRegisters.ExtendedLength) & ~3];
        for (int offset = 0; offset < bytes.Length; offset += 4) BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(offset), config.Read32(offset));
        return new PciConfigImage(bytes);
    }

    /// <summary>Tells whether a range lies inside.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes.</param>
    public bool Contains(int offset, int length) => offset >= 0 && length >= 0 && (long)offset + length <= _bytes.Length;

    /// <summary>One byte.</summary>
    /// <param name="offset">Any.</param>
    public byte Read8(int offset) => Contains(offset, 1) ? _bytes[offset] : byte.MaxValue;

    /// <summary>Two bytes, little endian.</summary>
    /// <param name="offset">Any.</param>
    public ushort Read16(int offset) => Contains(offset, 2) ? BinaryPrimitives.ReadUInt16LittleEndian(_bytes.AsSpan(offset)) : ushort.MaxValue;

    /// <summary>Four bytes, little endian.</summary>
    /// <param name="offset">Any.</param>
    public uint Read32(int offset) => Contains(offset, 4) ? BinaryPrimitives.ReadUInt32LittleEndian(_bytes.AsSpan(offset)) : uint.MaxValue;

    /// <summary>Bytes of a range, cut off at the image's end.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="length">Bytes wanted.</param>
    public ReadOnlySpan<byte> Slice(int offset, int length)
    {
        if (offset < 0 || offset >= _bytes.Length || length <= 0) return [];
        return _bytes.AsSpan(offset, Math.Min(length, _bytes.Length - offset));
    }
}
