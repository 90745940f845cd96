// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Runtime.CompilerServices;

namespace Busbar.Linux;

/// <summary>A UDP socket that talks with one other address. Neither direction waits, throws or allocates.</summary>
public sealed unsafe class UdpSocket : IDisposable
{
    private readonly byte[] _peer = new byte[InternetAddress.LargestSize];
    private readonly int _peerSize;

    private UdpSocket(FileDescriptor descriptor, IPEndPoint local, IPEndPoint peer)
    {
        Descriptor = descriptor;
        LocalEndPoint = local;
        _peerSize = InternetAddress.Write(peer, _peer);
    }

    /// <summary>The socket, for polling.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>Where it receives.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Makes a socket.</summary>
    /// <param name="local">An address of this machine, and a port; 0 for any free one.</param>
    /// <param name="peer">Who is sent to and listened to.</param>
    /// <exception cref="LinuxException">Another socket receives there (EADDRINUSE), or it is not this machine's (EADDRNOTAVAIL).</exception>
    public static UdpSocket Bind(IPEndPoint local, IPEndPoint peer)
    {
        FileDescriptor descriptor = InternetSocket.Open(NativeNetwork.SOCK_DGRAM, local);
        try
        {
            InternetSocket.Bind(descriptor, local, reuse: false);
            return new UdpSocket(descriptor, InternetSocket.LocalOf(descriptor), peer);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Sends one datagram to the other address.</summary>
    /// <param name="datagram">The bytes.</param>
    /// <returns>False when there is no room now. What the network cannot deliver counts as sent, as it does on the way.</returns>
    public bool TrySend(ReadOnlySpan<byte> datagram)
    {
        if (Descriptor.IsClosed) return false;
        nint count;

        // SAFETY: both are pinned for the call, with their true lengths.
        fixed (byte* data = datagram, peer = _peer)
        {
            do count = NativeNetwork.SendTo(Descriptor, data, (nuint)datagram.Length, NativeSocket.MSG_NOSIGNAL, peer, (uint)_peerSize);
            while (count < 0 && NativeError.WasInterrupted);
        }

        return count >= 0 || NativeError.Last is not (Errno.EAGAIN or Errno.ENOBUFS or Errno.ENOMEM);
    }

    /// <summary>Takes one datagram if there is one.</summary>
    /// <param name="buffer">Where to; one byte more than the longest datagram tells a longer one.</param>
    /// <param name="length">Its bytes, at most as many as fit.</param>
    /// <param name="isFromPeer">Whether it came from the other address.</param>
    /// <returns>False when there is none now.</returns>
    [SkipLocalsInit]
    public bool TryReceive(Span<byte> buffer, out int length, out bool isFromPeer)
    {
        length = 0;
        isFromPeer = false;
        if (Descriptor.IsClosed) return false;
        byte* from = stackalloc byte[InternetAddress.LargestSize];
        uint size = InternetAddress.LargestSize;
        nint count;

        // SAFETY: the buffer is pinned for the call, and the kernel writes at most as many bytes of address as are on this stack.
        fixed (byte* data = buffer)
        {
            do count = NativeNetwork.ReceiveFrom(Descriptor, data, (nuint)buffer.Length, 0, from, &size);
            while (count < 0 && NativeError.WasInterrupted);
        }

        if (count < 0) return false;
        length = (int)count;
        isFromPeer = size <= InternetAddress.LargestSize && InternetAddress.AreSame(new ReadOnlySpan<byte>(from, (int)size), _peer.AsSpan(0, _peerSize));
        return true;
    }

    /// <summary>Closes the socket.</summary>
    public void Dispose() => Descriptor.Dispose();
}
