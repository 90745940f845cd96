// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// Takes connections off a listening socket without waiting. One descriptor is kept in reserve: when no other is free, the newcomer is taken with it and closed. Otherwise the
/// socket would stay readable for as long as that lasts, and turn the caller's loop into a spin.
/// </summary>
/// <remarks>One thread at a time.</remarks>
internal sealed unsafe class Acceptor : IDisposable
{
    private FileDescriptor? _spare;

    /// <summary>Begins to serve a socket that listens.</summary>
    /// <param name="socket">Non-blocking; from now on this object's.</param>
    public Acceptor(FileDescriptor socket)
    {
        Socket = socket;
        _spare = OpenSpare();
    }

    /// <summary>The listening socket.</summary>
    public FileDescriptor Socket { get; }

    /// <summary>Takes one connection, if somebody waits.</summary>
    /// <param name="connection">The connected socket, non-blocking, when the answer is <see cref="AcceptResult.Accepted"/>.</param>
    public AcceptResult TryAccept(out FileDescriptor? connection)
    {
        connection = AcceptOne(out Errno reason);
        if (connection is not null) return AcceptResult.Accepted;
        if (!IsShortage(reason)) return AcceptResult.Empty;
        _spare?.Dispose();
        using (FileDescriptor? newcomer = AcceptOne(out reason)) reason = newcomer is null ? reason : Errno.None;
        _spare = OpenSpare();
        return reason == Errno.None ? AcceptResult.Shed : IsShortage(reason) ? AcceptResult.Exhausted : AcceptResult.Empty;
    }

    /// <summary>Stops listening.</summary>
    public void Dispose()
    {
        Socket.Dispose();
        _spare?.Dispose();
    }

    private static FileDescriptor? OpenSpare() => FilePath.TryOpen("/dev/null", NativeFile.O_RDONLY);

    private static bool IsShortage(Errno reason) => reason is Errno.EMFILE or Errno.ENFILE or Errno.ENOBUFS or Errno.ENOMEM;

    private FileDescriptor? AcceptOne(out Errno reason)
    {
        reason = Errno.EAGAIN;
        if (Socket.IsClosed) return null;
        int number;

        // SAFETY: no address is asked for.
        do number = NativeSocket.Accept(Socket, null, null, NativeSocket.SOCK_CLOEXEC | NativeSocket.SOCK_NONBLOCK);
        while (number < 0 && NativeError.Last is Errno.EINTR or Errno.ECONNABORTED);
        if (number >= 0) return new FileDescriptor(number);
        reason = NativeError.Last;
        return null;
    }
}
