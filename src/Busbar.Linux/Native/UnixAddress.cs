// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace Busbar.Linux;

/// <summary>struct sockaddr_un (sys/un.h): a family and 108 bytes of path with its terminating zero.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct UnixAddress
{
    public const int LongestPath = 107;

    public ushort Family;
    public fixed byte Path[LongestPath + 1];

    public static uint Size => (uint)sizeof(UnixAddress);

    /// <summary>Builds the address of a socket file, or with <c>@</c> in front of the name one of the abstract space: a zero byte and the name, without a zero behind it.</summary>
    /// <param name="name">The path, or <c>@</c> and the name.</param>
    /// <param name="length">Bytes of the address that count.</param>
    /// <exception cref="LinuxException">It does not fit (ENAMETOOLONG), or there is no name (EINVAL).</exception>
    public static UnixAddress For(string name, out uint length)
    {
        length = Size;
        if (!name.StartsWith('@')) return For(name);
        UnixAddress address = For(name[1..]);
        int bytes = Encoding.UTF8.GetByteCount(name) - 1;
        for (int i = bytes; i > 0; i--) address.Path[i] = address.Path[i - 1];
        address.Path[0] = 0;
        length = (uint)(sizeof(ushort) + 1 + bytes);
        return address;
    }

    /// <summary>Builds the address of a socket file.</summary>
    /// <exception cref="LinuxException">The path does not fit (ENAMETOOLONG), or is none (EINVAL).</exception>
    public static UnixAddress For(string path)
    {
        if (path.Length == 0) throw new LinuxException(Errno.EINVAL, "bind", "A socket's path is empty");
        int length = Encoding.UTF8.GetByteCount(path);
        if (length > LongestPath)
        {
            throw new LinuxException(
                Errno.ENAMETOOLONG,
                "bind",
                $"The socket path '{path}' has {length} bytes; a UNIX socket allows {LongestPath}, so choose a shorter folder");
        }

        if (path.Contains('\0', StringComparison.Ordinal)) throw new LinuxException(Errno.EINVAL, "bind", "A socket path contains a zero character");
        UnixAddress address = default;
        address.Family = NativeSocket.AF_UNIX;

        // SAFETY: the length was checked against the field's, and default left a terminating zero behind it.
        Encoding.UTF8.GetBytes(path, new Span<byte>(address.Path, LongestPath));
        return address;
    }
}
