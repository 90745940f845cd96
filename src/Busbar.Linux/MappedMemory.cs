// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using System.Text;
using Busbar.Memory;

namespace Busbar.Linux;

/// <summary>
/// A memory object that processes share by mapping it: an anonymous memfd, a file (in /dev/shm, say), or a descriptor received from
/// somebody. The object is the source of mappings; a mapping outlives it.
/// </summary>
/// <remarks>
/// A memfd from <see cref="CreateSealed"/> cannot change its size any more. A plain file can: whoever may write it can also
/// truncate it, and the next access beyond its end kills this process with SIGBUS. So files are created with mode 0600, and
/// only the same user's processes are trusted that far.
/// </remarks>
public sealed unsafe class MappedMemory : IDisposable
{
    private MappedMemory(FileDescriptor descriptor, long size, bool isReadOnly)
    {
        Descriptor = descriptor;
        Size = size;
        IsReadOnly = isReadOnly;
    }

    /// <summary>The descriptor, for handing to other processes and for <see cref="FileLock"/>.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Bytes, as found when the object was opened or made, or at the last <see cref="Refresh"/>.</summary>
    public long Size { get; private set; }

    /// <summary>True when the descriptor allows no writing.</summary>
    public bool IsReadOnly { get; }

    /// <summary>True when the kernel guarantees that the object never shrinks, so that no access can raise SIGBUS.</summary>
    public bool CannotShrink
    {
        get
        {
            int seals = NativeFile.Control(Descriptor, NativeFile.F_GET_SEALS, 0);
            return seals >= 0 && (seals & NativeFile.F_SEAL_SHRINK) != 0;
        }
    }

    /// <summary>
    /// True when the object consists of huge pages. Whoever shares it can give some back, and if the pool is empty then, the next access there kills this process, although nothing shrank.
    /// </summary>
    public bool IsHuge => NativeMemoryMap.IsHuge(Descriptor);

    /// <summary>A zeroed anonymous memory object whose size is sealed against everybody.</summary>
    /// <param name="name">What /proc shows; no need to be unique.</param>
    /// <param name="size">Bytes, positive, a multiple of the page size.</param>
    /// <param name="hints"><see cref="MemoryHints.HugePages"/> is tried with reserved huge pages first.</param>
    /// <exception cref="LinuxException">No memory or no descriptor is free.</exception>
    public static MappedMemory CreateSealed(string name, long size, MemoryHints hints = MemoryHints.None)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        if (size % Environment.SystemPageSize != 0) throw new ArgumentOutOfRangeException(nameof(size), size, "A memory object consists of whole pages.");
        if ((hints & MemoryHints.HugePages) != MemoryHints.None && TryCreateSealed(name, size, NativeMemoryMap.MFD_HUGETLB) is { } huge)
        {
            // Reserved pages are counted when the object is mapped, so only a mapping tells whether there are enough of them.
            MemoryMapping? probe = huge.TryMap((nuint)size, MemoryHints.None, readOnly: false);
            if (probe is not null)
            {
                probe.Dispose();
                return huge;
            }

            huge.Dispose();
        }

        return TryCreateSealed(name, size, 0) ?? throw LinuxException.Last("memfd_create", $"Making a memory object of {size} bytes failed");
    }

    /// <summary>Opens a file for sharing, or makes it (mode 0600, zeroed, of the given size) when it is missing. Symbolic links are refused.</summary>
    /// <param name="path">For instance in /dev/shm.</param>
    /// <param name="size">Bytes of a new file, positive; an existing file keeps its size, and the caller compares <see cref="Size"/>.</param>
    /// <param name="created">True when this call made the file, and nobody else did.</param>
    /// <exception cref="LinuxException">The file cannot be opened or made, or is no regular file.</exception>
    public static MappedMemory OpenOrCreate(string path, long size, out bool created)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        while (true)
        {
            FileDescriptor? fresh = FilePath.TryOpen(path, NativeFile.O_RDWR | NativeFile.O_CREAT | NativeFile.O_EXCL | NativeFile.O_NOFOLLOW, 0x180);
            if (fresh is not null)
            {
                created = true;
                try
                {
                    // The umask can only have taken bits away; put the owner's back.
                    LinuxException.Check(NativeFile.ChangeMode(fresh, 0x180), "fchmod", path);
                    SetSize(fresh, size, path);
                    return new MappedMemory(fresh, size, isReadOnly: false);
                }
                catch
                {
                    fresh.Dispose();
                    FilePath.TryUnlink(path);
                    throw;
                }
            }

            if (NativeError.Last != Errno.EEXIST) throw LinuxException.Last("open", $"Making the shared file '{path}' failed");
            FileDescriptor? existing = TryOpenExisting(path, readOnly: false);

            // Somebody removed it between the two calls: try to make it again.
            if (existing is null && NativeError.Last == Errno.ENOENT) continue;
            created = false;
            return Adopt(existing ?? throw LinuxException.Last("open", $"Opening the shared file '{path}' failed"), isReadOnly: false, path);
        }
    }

    /// <summary>Opens a file that must exist. Symbolic links are refused.</summary>
    /// <param name="path">For instance in /dev/shm.</param>
    /// <param name="readOnly">True for an observer: mappings cannot be written.</param>
    /// <exception cref="LinuxException">It cannot be opened (ENOENT: not there yet), or is no regular file.</exception>
    public static MappedMemory Open(string path, bool readOnly = false) => Adopt(
        TryOpenExisting(path, readOnly) ?? throw LinuxException.Last("open", $"Opening the shared file '{path}' failed"), readOnly, path);

    /// <summary>Takes a descriptor received from somebody, and owns it from now on, also when it throws.</summary>
    /// <param name="received">A memfd, a shared-memory or a hugetlbfs file.</param>
    /// <exception cref="LinuxException">It is no regular file (EINVAL).</exception>
    public static MappedMemory Adopt(FileDescriptor received) => Adopt(received, isReadOnly: false, "the received descriptor");

    /// <summary>Looks at the size again; a file that is being created has size 0 for a moment.</summary>
    /// <returns>The present <see cref="Size"/>.</returns>
    public long Refresh() => Size = Descriptor.Stat().Size;

    /// <summary>Gives a plain file a new size; new bytes are zero. Never shrink what a peer may have mapped.</summary>
    /// <param name="size">Bytes, positive.</param>
    /// <exception cref="LinuxException">The object is sealed (EPERM) or the file system is full.</exception>
    public void Resize(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        SetSize(Descriptor, size, "Changing the size of shared memory failed");
        Size = size;
    }

    /// <summary>Maps the object from its start, for every process to see (MAP_SHARED). The region unmaps when it is disposed.</summary>
    /// <param name="length">Bytes, positive, at most <see cref="Size"/>; 0 for all of it.</param>
    /// <param name="readOnly">True for an observer: writes are refused. Implied by a read-only descriptor.</param>
    /// <param name="hints">Wishes; see <see cref="MemoryHints"/>.</param>
    /// <exception cref="LinuxException">The size does not fit (EFBIG beyond 2 GiB, EINVAL beyond the end), or the kernel refuses.</exception>
    public SharedRegion Map(int length = 0, bool readOnly = false, MemoryHints hints = MemoryHints.None)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        long wanted = length == 0 ? Size : length;
        if (wanted is <= 0 || wanted > Size) throw new LinuxException(Errno.EINVAL, "mmap", $"Mapping {wanted} of {Size} bytes");
        if (wanted > int.MaxValue) throw new LinuxException(Errno.EFBIG, "mmap", $"Mapping {wanted} bytes; a window ends at 2 GiB");
        readOnly |= IsReadOnly;
        MemoryMapping mapping = TryMap((nuint)wanted, hints, readOnly) ?? throw LinuxException.Last("mmap", $"Mapping {wanted} bytes failed");
        return new SharedRegion(mapping.Address, (int)wanted, RegionAccess.Ram, mapping, readOnly);
    }

    /// <summary>Maps a part of the object, as <see cref="Map"/> maps all of it.</summary>
    /// <param name="offset">First byte, a multiple of the page size.</param>
    /// <param name="length">Bytes, positive; the part ends at or before <see cref="Size"/>.</param>
    /// <param name="readOnly">True for an observer: writes are refused. Implied by a read-only descriptor.</param>
    /// <exception cref="LinuxException">The part does not fit, or the kernel refuses.</exception>
    public SharedRegion MapPart(long offset, int length, bool readOnly = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        if (offset % Environment.SystemPageSize != 0) throw new ArgumentOutOfRangeException(nameof(offset), offset, "A mapping starts at a page.");
        if (offset > Size - length) throw new LinuxException(Errno.EINVAL, "mmap", $"Mapping {length} of {Size} bytes from {offset}");
        readOnly |= IsReadOnly;
        MemoryMapping mapping = TryMap((nuint)length, MemoryHints.None, readOnly, offset) ?? throw LinuxException.Last("mmap", $"Mapping {length} bytes from {offset} failed");
        return new SharedRegion(mapping.Address, length, RegionAccess.Ram, mapping, readOnly);
    }

    /// <summary>Tells whether a path still leads to this very file; somebody may have removed or replaced it.</summary>
    /// <param name="path">Where the file was.</param>
    public bool IsAt(string path) => FilePath.TryStat(path) is { } found && found.IsSameFile(Descriptor.Stat());

    /// <summary>Removes the file's name if it still leads to this very file; mappings stay.</summary>
    /// <param name="path">Where the file was.</param>
    /// <returns>True when the name was removed.</returns>
    public bool TryRemove(string path) => IsAt(path) && FilePath.TryUnlink(path);

    /// <summary>Closes the descriptor; mappings stay.</summary>
    public void Dispose() => Descriptor.Dispose();

    private static MappedMemory Adopt(FileDescriptor descriptor, bool isReadOnly, string name)
    {
        try
        {
            Statx status = descriptor.Stat();
            if (!status.IsRegularFile) throw new LinuxException(Errno.EINVAL, "statx", $"Sharing memory needs a regular file, which {name} is not");
            return new MappedMemory(descriptor, status.Size, isReadOnly);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    // O_NONBLOCK: a FIFO planted under the name would otherwise hold us up before we can see what it is.
    private static FileDescriptor? TryOpenExisting(string path, bool readOnly) => FilePath.TryOpen(
        path, (readOnly ? NativeFile.O_RDONLY : NativeFile.O_RDWR) | NativeFile.O_NOFOLLOW | NativeFile.O_NONBLOCK);

    private static MappedMemory? TryCreateSealed(string name, long size, uint extraFlags)
    {
        // SAFETY: the array is zero-terminated and pinned for the call.
        int fd;
        fixed (byte* native = Encoding.UTF8.GetBytes(name + '\0'))
        {
            fd = NativeMemoryMap.MemfdCreate(native, NativeMemoryMap.MFD_CLOEXEC | NativeMemoryMap.MFD_ALLOW_SEALING | extraFlags);
        }

        if (fd < 0) return null;
        var descriptor = new FileDescriptor(fd);
        const int Seals = NativeFile.F_SEAL_SHRINK | NativeFile.F_SEAL_GROW | NativeFile.F_SEAL_SEAL;
        if (Truncate(descriptor, size) == 0 && NativeFile.Control(descriptor, NativeFile.F_ADD_SEALS, Seals) == 0)
        {
            return new MappedMemory(descriptor, size, isReadOnly: false);
        }

        // Closing would overwrite the reason for which the caller is about to fail.
        int reason = Marshal.GetLastPInvokeError();
        descriptor.Dispose();
        Marshal.SetLastPInvokeError(reason);
        return null;
    }

    private static void SetSize(FileDescriptor descriptor, long size, string detail) => LinuxException.Check(Truncate(descriptor, size), "ftruncate", detail);

    private static int Truncate(FileDescriptor descriptor, long size)
    {
        int result;
        do result = NativeFile.Truncate(descriptor, size);
        while (result < 0 && NativeError.WasInterrupted);
        return result;
    }

    private MemoryMapping? TryMap(nuint length, MemoryHints hints, bool readOnly, long offset = 0)
    {
        int protection = NativeMemoryMap.PROT_READ | (readOnly ? 0 : NativeMemoryMap.PROT_WRITE);
        int flags = (hints & MemoryHints.Populate) != MemoryHints.None ? NativeMemoryMap.MAP_POPULATE : 0;
        MemoryMapping? mapping = MemoryMapping.TryShare(Descriptor, length, protection, flags, offset);
        if (mapping is null) return null;

        // A wish: kernels without transparent huge pages for shared memory refuse it, and nothing is lost.
        if ((hints & MemoryHints.HugePages) != MemoryHints.None) _ = NativeMemoryMap.Advise(mapping.Address, length, NativeMemoryMap.MADV_HUGEPAGE);
        return mapping;
    }
}
