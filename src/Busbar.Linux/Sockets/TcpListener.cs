// SPDX-License-Identifier: Apache-2.0
using System.Net;

namespace Busbar.Linux;

/// <summary>A TCP port that is listened on. Accepting never waits.</summary>
public sealed unsafe class TcpListener : IDisposable
{
    private const int Backlog = 16;

    private TcpListener(FileDescriptor descriptor, IPEndPoint local)
    {
        Descriptor = descriptor;
        LocalEndPoint = local;
    }

    /// <summary>The socket, for polling.</summary>
    public FileDescriptor Descriptor { get; }

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
    /// <returns><see cref="AcceptResult.Exhausted"/> when no descriptor is free; the caller waits on this one all the same and must pause.</returns>
    public AcceptResult TryAccept(out ByteStream? stream)
    {
        stream = null;
        if (Descriptor.IsClosed) return AcceptResult.Empty;
        int number;

        // SAFETY: no address is asked for.
        do number = NativeSocket.Accept(Descriptor, null, null, NativeSocket.SOCK_CLOEXEC | NativeSocket.SOCK_NONBLOCK);
        while (number < 0 && NativeError.Last is Errno.EINTR or Errno.ECONNABORTED);
        if (number < 0) return NativeError.Last is Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM ? AcceptResult.Exhausted : AcceptResult.Empty;
        var descriptor = new FileDescriptor(number);
        TcpConnection.SetNoDelay(descriptor);
        stream = new ByteStream(descriptor, isSocket: true);
        return AcceptResult.Accepted;
    }

    /// <summary>Stops listening.</summary>
    public void Dispose() => Descriptor.Dispose();
}
