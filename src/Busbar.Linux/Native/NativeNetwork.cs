// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>Calls on AF_MCTP and AF_NETLINK sockets and on TUN devices, with the constants of their headers.</summary>
internal static unsafe partial class NativeNetwork
{
    public const int AF_NETLINK = 16;
    public const int AF_MCTP = 45;
    public const int SOCK_DGRAM = 2;
    public const int SOCK_RAW = 3;
    public const int NETLINK_ROUTE = 0;

    public const int SO_RCVBUF = 8;
    public const int SO_SNDBUF = 7;

    // linux/mctp.h
    public const int SOL_MCTP = 285;
    public const int MCTP_OPT_ADDR_EXT = 1;
    public const uint SIOCMCTPALLOCTAG2 = 0x89E2;
    public const uint SIOCMCTPDROPTAG2 = 0x89E3;

    // linux/netlink.h
    public const int SOL_NETLINK = 270;
    public const int NETLINK_ADD_MEMBERSHIP = 1;
    public const int NETLINK_CAP_ACK = 10;
    public const int NETLINK_EXT_ACK = 11;
    public const int NETLINK_GET_STRICT_CHK = 12;

    // linux/if_tun.h; the encoding of these two is that of every processor .NET runs on.
    public const uint TUNSETIFF = 0x400454CA;
    public const uint TUNSETCARRIER = 0x400454E2;
    public const short IFF_TUN = 0x0001;
    public const short IFF_TUN_EXCL = unchecked((short)0x8000);
    public const ushort TUN_PKT_STRIP = 0x0001;

    // linux/sockios.h
    public const uint SIOCGIFNAME = 0x8910;
    public const uint SIOCGIFFLAGS = 0x8913;

    // linux/if_ether.h
    public const ushort ETH_P_MCTP = 0x00FA;

    public const int MSG_PEEK = 0x2;
    public const int MSG_TRUNC = 0x20;

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(FileDescriptor socket, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "connect", SetLastError = true)]
    public static partial int Connect(FileDescriptor socket, byte* address, uint length);

    [LibraryImport("libc", EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(FileDescriptor socket, byte* data, nuint length, int flags, byte* address, uint addressLength);

    [LibraryImport("libc", EntryPoint = "recvfrom", SetLastError = true)]
    public static partial nint ReceiveFrom(FileDescriptor socket, byte* data, nuint length, int flags, byte* address, uint* addressLength);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(FileDescriptor socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(FileDescriptor descriptor, nuint request, void* argument);

    [LibraryImport("libc", EntryPoint = "readv", SetLastError = true)]
    public static partial nint Read(FileDescriptor descriptor, IoVector* vectors, int count);

    [LibraryImport("libc", EntryPoint = "writev", SetLastError = true)]
    public static partial nint Write(FileDescriptor descriptor, IoVector* vectors, int count);

    [LibraryImport("libc", EntryPoint = "if_nametoindex", SetLastError = true)]
    public static partial uint InterfaceIndex(byte* name);
}
