// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>The configuration space as the file <c>config</c> shows it; without privileges only its first 64 bytes.</summary>
public sealed class SysfsConfigSpace : IPciConfigSpace, IDisposable
{
    private readonly DeviceFile _file;
    private readonly string _name;

    private SysfsConfigSpace(DeviceFile file, string name, int length)
    {
        _file = file;
        _name = name;
        Length = length;
    }

    /// <inheritdoc/>
    public int Length { get; }

    /// <summary>Opens the space of a function.</summary>
    /// <param name="device">The function.</param>
    /// <param name="readOnly">True when nothing will be written; needs no privileges.</param>
    /// <exception cref="PciDeviceException">It cannot be opened.</exception>
    public static SysfsConfigSpace Open(PciSysfsDevice device, bool readOnly)
    {
        ArgumentNullException.ThrowIfNull(device);
        string what = $"opening the configuration space of {device.Address}";
        DeviceFile file = PciFailure.Guard(() => DeviceFile.Open(Path.Combine(device.Folder, "config"), readOnly), what);
        Span<byte> probe = stackalloc byte[PciConfigRegisters.ExtendedLength];
        int length = file.ReadAt(0, probe) & ~3;
        if (length >= PciConfigRegisters.HeaderEnd) return new SysfsConfigSpace(file, device.Address.ToString(), length);
        file.Dispose();
        throw new PciDeviceException(PciDeviceFault.Failed, $"{what} failed: it has {Math.Max(length, 0)} readable bytes");
    }

    /// <inheritdoc/>
    public byte Read8(int offset)
    {
        Span<byte> buffer = stackalloc byte[1];
        Read(offset, buffer);
        return buffer[0];
    }

    /// <inheritdoc/>
    public ushort Read16(int offset)
    {
        Span<byte> buffer = stackalloc byte[2];
        Read(offset, buffer);
        return BinaryPrimitives.ReadUInt16LittleEndian(buffer);
    }

    /// <inheritdoc/>
    public uint Read32(int offset)
    {
        Span<byte> buffer = stackalloc byte[4];
        Read(offset, buffer);
        return BinaryPrimitives.ReadUInt32LittleEndian(buffer);
    }

    /// <inheritdoc/>
    public void Write8(int offset, byte value) => Write(offset, [value]);

    /// <inheritdoc/>
    public void Write16(int offset, ushort value)
    {
        Span<byte> buffer = stackalloc byte[2];
        BinaryPrimitives.WriteUInt16LittleEndian(buffer, value);
        Write(offset, buffer);
    }

    /// <inheritdoc/>
    public void Write32(int offset, uint value)
    {
        Span<byte> buffer = stackalloc byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(buffer, value);
        Write(offset, buffer);
    }

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Takes the function for this process alone, as far as others of ours ask as well.</summary>
    internal bool TryLock() => _file.TryLock();

    private void Read(int offset, Span<byte> buffer)
    {
        ConfigRange.Check(offset, buffer.Length, Length);
        if (_file.ReadAt(offset, buffer) != buffer.Length) throw Gone(offset, "reading");
    }

    private void Write(int offset, ReadOnlySpan<byte> buffer)
    {
        ConfigRange.Check(offset, buffer.Length, Length);
        if (_file.WriteAt(offset, buffer) != buffer.Length) throw Gone(offset, "writing");
    }

    private PciDeviceException Gone(int offset, string verb) => new(PciDeviceFault.Failed, $"{verb} configuration register 0x{offset:x} of {_name} failed: the device may have gone");
}
