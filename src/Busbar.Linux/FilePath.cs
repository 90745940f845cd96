// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Linux;

/// <summary>File names on their way to the kernel, and the calls that take nothing else.</summary>
internal static unsafe class FilePath
{
    /// <summary>The bytes of a path with a terminating zero.</summary>
    public static byte[] ToNative(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (path.Contains('\0', StringComparison.Ordinal)) throw new LinuxException(Errno.EINVAL, "open", "A path contains a zero character");
        byte[] native = new byte[Encoding.UTF8.GetByteCount(path) + 1];
        Encoding.UTF8.GetBytes(path, native);
        return native;
    }

    /// <summary>Opens a file; <see cref="NativeError.Last"/> tells why the answer is null.</summary>
    public static FileDescriptor? TryOpen(string path, int flags, int mode = 0)
    {
        // SAFETY: the array is zero-terminated and pinned for the call.
        fixed (byte* native = ToNative(path))
        {
            int fd;
            do fd = NativeFile.Open(native, flags | NativeFile.O_CLOEXEC, mode);
            while (fd < 0 && NativeError.WasInterrupted);
            return fd < 0 ? null : new FileDescriptor(fd);
        }
    }

    /// <summary>The status of the file itself, not of what a symbolic link points to; null when there is none.</summary>
    public static Statx? TryStat(string path)
    {
        // SAFETY: the array is zero-terminated and pinned for the call, and the kernel fills the 256 bytes of the structure.
        fixed (byte* native = ToNative(path))
        {
            Statx result;
            int status = NativeFile.StatPath(NativeFile.AT_FDCWD, native, NativeFile.AT_SYMLINK_NOFOLLOW, NativeFile.STATX_BASIC_STATS, &result);
            if (status == 0) return result;
            return NativeError.Last is Errno.ENOENT or Errno.ENOTDIR ? null : throw LinuxException.Last("statx", path);
        }
    }

    /// <summary>What /proc says an open descriptor is, for instance <c>anon_inode:[eventfd]</c>; asks no file system.</summary>
    /// <param name="descriptor">Its number.</param>
    /// <param name="room">Where the answer goes; it is cut off behind its end.</param>
    /// <returns>Empty without /proc.</returns>
    public static ReadOnlySpan<byte> KindOf(int descriptor, Span<byte> room)
    {
        // SAFETY: the path is zero-terminated by ToNative, both buffers are pinned, and the call writes at most the size given.
        fixed (byte* path = ToNative($"/proc/self/fd/{descriptor}"))
        fixed (byte* buffer = room)
        {
            nint length = NativeFile.ReadLink(path, buffer, (nuint)room.Length);
            return room[..(int)Math.Max(length, 0)];
        }
    }

    public static bool TryUnlink(string path)
    {
        // SAFETY: the array is zero-terminated and pinned for the call.
        fixed (byte* native = ToNative(path)) return NativeFile.Unlink(native) == 0;
    }
}
