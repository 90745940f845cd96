// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// A whole memory object of somebody else's, mapped once, of any size: the memory of a guest, for instance. Only objects that can never shrink are taken
/// (memfd or hugetlb with F_SEAL_SHRINK), because an access behind the end of a shrunk one would end this process.
/// </summary>
/// <remarks>
/// Also inside of its end an access can fail, where the kernel has no memory for a page that the peer gave back: with huge pages when the pool is empty, and with small ones under
/// strict overcommitment. There the kernel copies (process_vm_readv(2)), which fails instead of ending the process; elsewhere an access is plain.
/// The content may change at any moment. Reading and writing may happen on any thread, but not while <see cref="Dispose"/> runs: whoever hands
/// out ranges keeps them apart.
/// </remarks>
public sealed unsafe class PeerMemory : IDisposable
{
    private static readonly Lazy<bool> s_isOvercommitStrict = new(() =>
        File.Exists("/proc/sys/vm/overcommit_memory") && File.ReadAllText("/proc/sys/vm/overcommit_memory").StartsWith('2'));

    private readonly MemoryMapping _mapping;
    private readonly bool _mayFail;

    private PeerMemory(MemoryMapping mapping, long length, bool isReadOnly, bool mayFail)
    {
        (_mapping, _mayFail) = (mapping, mayFail);
        Length = length;
        IsReadOnly = isReadOnly;
    }

    /// <summary>Bytes that are mapped: the object's size at that time. It may have grown since.</summary>
    public long Length { get; }

    /// <summary>True when the descriptor, or a seal of the object, allows no writing.</summary>
    public bool IsReadOnly { get; }

    /// <summary>Tells whether an object can never shrink. Asks nobody who could keep the answer waiting, whatever kind of file it is.</summary>
    /// <param name="descriptor">From a peer: any kind of file.</param>
    public static bool CannotShrink(FileDescriptor descriptor)
    {
        ArgumentNullException.ThrowIfNull(descriptor);

        // Only shmem and hugetlbfs have seals at all, so a file that has this one can be nothing that blocks or fails when it is looked at.
        int seals = NativeFile.Control(descriptor, NativeFile.F_GET_SEALS, 0);
        return seals >= 0 && (seals & NativeFile.F_SEAL_SHRINK) != 0;
    }

    /// <summary>Maps the object behind a descriptor, for writing if that is allowed. The descriptor stays the caller's and may be closed afterwards.</summary>
    /// <param name="descriptor">From a peer: any kind of file.</param>
    /// <param name="largest">Bytes that are acceptable.</param>
    /// <param name="memory">The memory.</param>
    /// <returns>
    /// <see cref="Errno.None"/>; <see cref="Errno.EPERM"/> when the object could shrink, <see cref="Errno.EFBIG"/> when it is larger than
    /// acceptable, <see cref="Errno.EINVAL"/> when it is empty, or what the kernel says.
    /// </returns>
    public static Errno TryMap(FileDescriptor descriptor, long largest, out PeerMemory? memory)
    {
        ArgumentNullException.ThrowIfNull(descriptor);
        memory = null;

        if (!CannotShrink(descriptor)) return Errno.EPERM;
        long size;
        try
        {
            size = descriptor.Stat().Size;
        }
        catch (LinuxException cause)
        {
            return cause.Errno;
        }

        if (size <= 0) return Errno.EINVAL;
        if (size > largest) return Errno.EFBIG;
        bool readOnly = false;
        MemoryMapping? mapping = MemoryMapping.TryShare(descriptor, (nuint)size, NativeMemoryMap.PROT_READ | NativeMemoryMap.PROT_WRITE);
        if (mapping is null && NativeError.Last is Errno.EACCES or Errno.EPERM)
        {
            readOnly = true;
            mapping = MemoryMapping.TryShare(descriptor, (nuint)size, NativeMemoryMap.PROT_READ);
        }

        if (mapping is null) return NativeError.Last;
        bool mayFail = s_isOvercommitStrict.Value || NativeMemoryMap.IsHuge(descriptor);
        memory = new PeerMemory(mapping, size, readOnly, mayFail);
        return Errno.None;
    }

    /// <summary>Copies bytes out.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="data">Filled completely when it succeeds.</param>
    /// <returns>False when the kernel has no memory for what the peer gave back.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside; the caller has to know.</exception>
    public bool TryRead(long offset, Span<byte> data)
    {
        CheckRange(offset, data.Length);

        // SAFETY: the range was checked above, and the mapping lives until Dispose, which the caller keeps apart.
        byte* at = (byte*)_mapping.Address + offset;
        if (_mayFail)
        {
            fixed (byte* bytes = data) return NativeMemoryMap.TryCopy(bytes, at, (nuint)data.Length, isWrite: false);
        }

        new ReadOnlySpan<byte>(at, data.Length).CopyTo(data);
        return true;
    }

    /// <summary>Copies bytes in.</summary>
    /// <param name="offset">First byte.</param>
    /// <param name="data">The bytes.</param>
    /// <returns>False as for <see cref="TryRead"/>; a part may have been written.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The range is not inside; the caller has to know.</exception>
    /// <exception cref="InvalidOperationException">The memory is read-only.</exception>
    public bool TryWrite(long offset, ReadOnlySpan<byte> data)
    {
        if (IsReadOnly) throw new InvalidOperationException("The peer's memory is mapped for reading only.");
        CheckRange(offset, data.Length);

        // SAFETY: as in Read; and the mapping is writable.
        byte* at = (byte*)_mapping.Address + offset;
        if (_mayFail)
        {
            fixed (byte* bytes = data) return NativeMemoryMap.TryCopy(bytes, at, (nuint)data.Length, isWrite: true);
        }

        data.CopyTo(new Span<byte>(at, data.Length));
        return true;
    }

    /// <summary>Unmaps it.</summary>
    public void Dispose() => _mapping.Dispose();

    private void CheckRange(long offset, int length)
    {
        ObjectDisposedException.ThrowIf(_mapping.IsClosed, this);
        if (offset < 0 || offset > Length - length) throw new ArgumentOutOfRangeException(nameof(offset), offset, $"{length} bytes there are not inside {Length}.");
    }
}
