// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Busbar.Linux;

/// <summary>A TCP port that is listened on. Accepting never waits.</summary>
public sealed class TcpListener : IDisposable
{
    private const int Backlog = 16;

    private readonly Acceptor _acceptor;

    private TcpListener(FileDescriptor descriptor, IPEndPoint local)
    {
        _acceptor = new Acceptor(descriptor);
        LocalEndPoint = local;
    }

    /// <summary>The socket, for polling.</summary>
    public FileDescriptor Descriptor => _acceptor.Socket;

    /// <summary>The address and port; the kernel's choice when port 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint { get; }

    /// <summary>Begins to listen.</summary>
    /// <param name="local">An address of this machine, and a port; 0 for any free one.</param>
    /// <exception cref="LinuxException">Somebody else listens there (EADDRINUSE), it is not this machine's (EADDRNOTAVAIL) or not allowed (EACCES).</exception>
    public static TcpListener Bind(IPEndPoint local)
    {
        FileDescriptor descriptor = InternetSocket.Open(NativeSocket.SOCK_STREAM, local);
        try
        {
            InternetSocket.Bind(descriptor, local, reuse: true);
            LinuxException.Check(NativeSocket.Listen(descriptor, Backlog), "listen", $"Listening on {local} failed");
            return new TcpListener(descriptor, InternetSocket.LocalOf(descriptor));
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Takes one waiting connection, without waiting for one.</summary>
    /// <param name="stream">The connection when the answer is <see cref="AcceptResult.Accepted"/>.</param>
    public AcceptResult TryAccept(out ByteStream? stream)
    {
        AcceptResult result = _acceptor.TryAccept(out FileDescriptor? socket);
        if (socket is not null) TcpConnection.SetNoDelay(socket);
        stream = socket is null ? null : new ByteStream(socket, isSocket: true);
        return result;
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => _acceptor.Dispose();
}
