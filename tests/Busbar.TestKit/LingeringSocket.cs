// SPDX-License-Identifier: Apache-2.0
using System.Net;
using System.Net.Sockets;
using Busbar.Linux;
using TcpListener = System.Net.Sockets.TcpListener;

namespace Busbar.TestKit;

/// <summary>
/// A connected socket with more to send than the other end will ever read, whose last close waits for a minute: what a hostile peer passes to whoever closes descriptors without a thought.
/// </summary>
public sealed class LingeringSocket : IDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Socket _other;

    /// <summary>Makes one.</summary>
    public LingeringSocket()
    {
        _listener.Start();
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        socket.Connect(_listener.LocalEndpoint);
        _other = _listener.AcceptSocket();
        socket.Blocking = false;
        byte[] data = new byte[1 << 16];
        while (socket.Send(data, SocketFlags.None, out SocketError error) > 0 && error == SocketError.Success)
        {
        }

        socket.LingerState = new LingerOption(enable: true, seconds: 60);
        Descriptor = new FileDescriptor((int)socket.SafeHandle.DangerousGetHandle());
        socket.SafeHandle.SetHandleAsInvalid();
    }

    /// <summary>The socket, to be passed on.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>How many descriptors of this process lead to the socket.</summary>
    public int Copies()
    {
        string? wanted = new FileInfo($"/proc/self/fd/{Descriptor.Number}").LinkTarget;
        return Directory.GetFiles("/proc/self/fd").Count(path => new FileInfo(path).LinkTarget == wanted);
    }

    /// <summary>
    /// Passes the socket on and keeps no copy: <paramref name="pass"/> gets it, and the last close is the receiver's.
    /// </summary>
    /// <param name="pass">Sends it.</param>
    public void HandOver(Action<FileDescriptor> pass)
    {
        ArgumentNullException.ThrowIfNull(pass);
        pass(Descriptor);
        Descriptor.Dispose();
    }

    /// <summary>Resets the connection, so that nobody waits for it any more.</summary>
    public void Dispose()
    {
        // Unread bytes make it a reset.
        _other.Dispose();
        Descriptor.Dispose();
        _listener.Dispose();
    }
}
