// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Busbar.Linux;

/// <summary>
/// An exclusive lock on a range of bytes of a file: how two processes agree who holds a role. It belongs to the open file description
/// (F_OFD_SETLK), so it vanishes with its holder however that ends, and two opens in one process exclude each other too.
/// </summary>
/// <remarks>
/// The range need not exist in the file. Descriptors received from another process share that process's description, and
/// therefore its locks: this works between openers of a file, not between holders of one memfd.
/// </remarks>
public sealed unsafe class FileLock : IDisposable
{
    private readonly FileDescriptor _file;
    private readonly long _start;
    private readonly long _length;
    private int _released;

    private FileLock(FileDescriptor file, long start, long length)
    {
        _file = file;
        _start = start;
        _length = length;
    }

    /// <summary>Takes the lock if nobody else holds any byte of the range.</summary>
    /// <param name="file">Open for writing; stays open until the lock is released.</param>
    /// <param name="start">First byte, not negative.</param>
    /// <param name="length">Bytes, positive.</param>
    /// <param name="acquired">The lock; null when somebody else has it.</param>
    /// <exception cref="LinuxException">The file is not writable or its file system knows no locks.</exception>
    public static bool TryAcquire(
        FileDescriptor file, long start, long length, [NotNullWhen(true)] out FileLock? acquired)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(start);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(length);
        acquired = null;

        // The reference keeps the descriptor open as long as the lock lives, because closing it would drop the lock behind our back.
        bool held = false;
        file.DangerousAddRef(ref held);
        if (Set(file, NativeFile.F_WRLCK, start, length) == 0)
        {
            acquired = new FileLock(file, start, length);
            return true;
        }

        Errno reason = NativeError.Last;
        file.DangerousRelease();
        return reason is Errno.EAGAIN or Errno.EACCES ? false : throw new LinuxException(reason, "fcntl", "Locking a file failed");
    }

    /// <summary>Tells whether somebody else holds a byte of the range, without taking it.</summary>
    /// <param name="file">Open; locks of its own description do not count.</param>
    /// <param name="start">First byte, not negative.</param>
    /// <param name="length">Bytes, positive.</param>
    /// <returns>False also when the file system knows no locks.</returns>
    public static bool IsHeldByAnother(FileDescriptor file, long start, long length)
    {
        if (file.IsClosed) return false;
        bool held = false;
        try
        {
            // SAFETY: the reference keeps the descriptor open; the structure lives on the stack during the call.
            file.DangerousAddRef(ref held);
            var request = new Flock { Type = NativeFile.F_WRLCK, Start = start, Length = length };
            return NativeFile.Lock(file.Number, NativeFile.F_OFD_GETLK, &request) == 0 && request.Type != NativeFile.F_UNLCK;
        }
        finally
        {
            if (held) file.DangerousRelease();
        }
    }

    /// <summary>Releases the lock. Idempotent.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _released, 1) != 0) return;
        _ = Set(_file, NativeFile.F_UNLCK, _start, _length);
        _file.DangerousRelease();
    }

    private static int Set(FileDescriptor file, short type, long start, long length)
    {
        // SAFETY: the caller's reference keeps the descriptor open; the structure lives on the stack during the call.
        var request = new Flock { Type = type, Start = start, Length = length };
        int result;
        do result = NativeFile.Lock(file.Number, NativeFile.F_OFD_SETLK, &request);
        while (result < 0 && NativeError.WasInterrupted);
        return result;
    }
}
