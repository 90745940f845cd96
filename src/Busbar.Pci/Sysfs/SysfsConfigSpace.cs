// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>The configuration space as the file <c>config</c> shows it; without privileges only its first 64 bytes.</summary>
public sealed class SysfsConfigSpace : ConfigSpaceBytes, IDisposable
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
    public override int Length { get; }

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

    /// <summary>Closes the file.</summary>
    public void Dispose() => _file.Dispose();

    /// <summary>Takes the function for this process alone, as far as others of ours ask as well.</summary>
    internal bool TryLock() => _file.TryLock();

    private protected override void ReadBytes(int offset, Span<byte> buffer)
    {
        if (_file.ReadAt(offset, buffer) != buffer.Length) throw PciFailure.NoAnswer(_name, offset, "reading");
    }

    private protected override void WriteBytes(int offset, ReadOnlySpan<byte> buffer)
    {
        if (_file.WriteAt(offset, buffer) != buffer.Length) throw PciFailure.NoAnswer(_name, offset, "writing");
    }
}
