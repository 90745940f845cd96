// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Busbar.Linux;

/// <summary>What TCP and UDP sockets have in common.</summary>
internal static unsafe class InternetSocket
{
    public static FileDescriptor Open(int type, IPEndPoint family) => new(LinuxException.Check(
        NativeSocket.Socket(InternetAddress.FamilyOf(family), type | NativeSocket.SOCK_CLOEXEC | NativeSocket.SOCK_NONBLOCK, 0), "socket", "Making an Internet socket failed"));

    public static void Bind(FileDescriptor descriptor, IPEndPoint local, bool reuse)
    {
        Span<byte> address = stackalloc byte[InternetAddress.LargestSize];
        int size = InternetAddress.Write(local, address);
        int on = 1;

        // SAFETY: one int and an address on this stack, with the sizes that are there.
        if (reuse) _ = NativeNetwork.SetOption(descriptor, NativeSocket.SOL_SOCKET, NativeInternet.SO_REUSEADDR, &on, sizeof(int));
        fixed (byte* bytes = address) LinuxException.Check(NativeNetwork.Bind(descriptor, bytes, (uint)size), "bind", $"Taking the address {local} failed");
    }

    public static IPEndPoint LocalOf(FileDescriptor descriptor)
    {
        byte* address = stackalloc byte[InternetAddress.LargestSize];
        uint size = InternetAddress.LargestSize;

        // SAFETY: the kernel writes at most as many bytes as are on this stack.
        LinuxException.Check(NativeInternet.LocalName(descriptor, address, &size), "getsockname", "Reading a socket's address failed");
        return InternetAddress.Read(new ReadOnlySpan<byte>(address, (int)size));
    }
}
