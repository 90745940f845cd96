// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Linux;

/// <summary>
/// A file that stands for a piece of hardware: a configuration space or a BAR in sysfs, a device in /dev. Reads and writes name their place, so any thread
/// may make them.
/// </summary>
public sealed unsafe class DeviceFile : IDisposable
{
    private readonly string _path;

    private DeviceFile(FileDescriptor descriptor, string path)
    {
        Descriptor = descriptor;
        _path = path;
    }

    /// <summary>The descriptor, for polling.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Opens a file without waiting for anything in it.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="readOnly">True when nothing will be written.</param>
    /// <exception cref="LinuxException">It cannot be opened.</exception>
    public static DeviceFile Open(string path, bool readOnly = false)
    {
        int flags = (readOnly ? NativeFile.O_RDONLY : NativeFile.O_RDWR) | NativeFile.O_NONBLOCK;
        return new DeviceFile(FilePath.TryOpen(path, flags) ?? throw LinuxException.Last("open", $"Opening '{path}' failed"), path);
    }

    /// <summary>Reads at a place.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="buffer">Receives the bytes.</param>
    /// <returns>Bytes read, fewer than asked for at the end; negative when the kernel refuses.</returns>
    public int ReadAt(long offset, Span<byte> buffer)
    {
        // SAFETY: the buffer is pinned for the call, which writes at most the size given.
        fixed (byte* target = buffer) return (int)NativeDevice.ReadAt(Descriptor, target, (nuint)buffer.Length, offset);
    }

    /// <summary>Writes at a place.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="buffer">The bytes.</param>
    /// <returns>Bytes written; negative when the kernel refuses.</returns>
    public int WriteAt(long offset, ReadOnlySpan<byte> buffer)
    {
        // SAFETY: the buffer is pinned for the call, which reads at most the size given.
        fixed (byte* source = buffer) return (int)NativeDevice.WriteAt(Descriptor, source, (nuint)buffer.Length, offset);
    }

    /// <summary>Reads the next 32-bit value of a file that counts events (/dev/uioN). Never waits, never throws.</summary>
    /// <param name="value">The value.</param>
    /// <returns>False when nothing has happened since the last read.</returns>
    public bool TryReadCounter(out int value)
    {
        bool held = false;
        int read = 0;
        try
        {
            Descriptor.DangerousAddRef(ref held);

            // SAFETY: the reference keeps the descriptor open during the call, and the buffer is four bytes on the stack.
            bool good = NativeEvent.Read(Descriptor.Number, &read, sizeof(int)) == sizeof(int);
            value = good ? read : 0;
            return good;
        }
        catch (ObjectDisposedException)
        {
            value = 0;
            return false;
        }
        finally
        {
            if (held) Descriptor.DangerousRelease();
        }
    }

    /// <summary>Takes the file for this process alone, as far as others ask as well (flock). Released when the file is closed.</summary>
    /// <returns>False when another process has it.</returns>
    public bool TryLock() => NativeFile.LockWhole(Descriptor, NativeFile.LOCK_EX | NativeFile.LOCK_NB) == 0;

    /// <summary>Maps a part of the file.</summary>
    /// <param name="offset">First byte, a multiple of the page size.</param>
    /// <param name="skip">Bytes between that place and the region's start, fewer than a page and a multiple of 8.</param>
    /// <param name="length">Bytes of the region, positive.</param>
    /// <param name="access">How the region may be touched.</param>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public SharedRegion Map(long offset, int skip, int length, RegionAccess access) => Map(Descriptor, _path, offset, skip, length, access);

    /// <summary>Closes the file; mappings stay.</summary>
    public void Dispose() => Descriptor.Dispose();

    internal static SharedRegion Map(FileDescriptor descriptor, string name, long offset, int skip, int length, RegionAccess access)
    {
        int page = Environment.SystemPageSize;
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegative(skip);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (offset % page != 0 || skip >= page || skip % 8 != 0) throw new LinuxException(Errno.EINVAL, "mmap", $"Mapping '{name}' at 0x{offset:x}+0x{skip:x}");
        nuint whole = (nuint)(((long)skip + length + page - 1) / page * page);
        nint address = NativeMemoryMap.Map(
            0, whole, NativeMemoryMap.PROT_READ | NativeMemoryMap.PROT_WRITE, NativeMemoryMap.MAP_SHARED, descriptor, offset);
        if (address == NativeMemoryMap.MAP_FAILED) throw LinuxException.Last("mmap", $"Mapping {whole} bytes of '{name}' failed");
        return new SharedRegion(address + skip, length, access, new MemoryMapping(address, whole));
    }
}
