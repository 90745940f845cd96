// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Linux;

/// <summary>
/// A listening AF_UNIX socket (stream, or packets) with a file name (mode 0600), or in the abstract space. It replaces the file that a killed server left behind, and refuses to
/// take over from one that lives.
/// </summary>
/// <remarks>One thread at a time.</remarks>
public sealed unsafe class UnixListener : IDisposable
{
    private const int FolderLockMs = 2000;
    private const uint OwnerOnly = 0x180; // 0600
    private const Errno EPROTOTYPE = (Errno)91;

    private readonly Acceptor _acceptor;
    private readonly Statx _file;
    private bool _disposed;

    private UnixListener(FileDescriptor descriptor, string path, Statx file)
    {
        _acceptor = new Acceptor(descriptor);
        Path = path;
        _file = file;
    }

    /// <summary>The socket, for polling: readable when somebody waits.</summary>
    public FileDescriptor Descriptor => _acceptor.Socket;

    /// <summary>The socket file.</summary>
    public string Path { get; }

    /// <summary>Creates the socket file and listens.</summary>
    /// <param name="path">At most 107 bytes; its folder must exist.</param>
    /// <param name="backlog">Connections that may wait to be accepted.</param>
    /// <param name="mode">Who may connect (write permission decides); only its owner unless given.</param>
    /// <exception cref="LinuxException">
    /// A live server has the socket (EADDRINUSE), something else has the name (EEXIST), the path is too long (ENAMETOOLONG), or the
    /// folder is missing or not writable.
    /// </exception>
    public static UnixListener Bind(string path, int backlog = 64, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite) =>
        Bind(path, backlog, mode, NativeSocket.SOCK_STREAM);

    /// <summary>As <see cref="Bind(string, int, UnixFileMode)"/>, for connections that keep packets apart.</summary>
    /// <param name="path">At most 107 bytes; its folder must exist.</param>
    /// <param name="backlog">Connections that may wait to be accepted.</param>
    /// <param name="mode">Who may connect (write permission decides); only its owner unless given.</param>
    /// <exception cref="LinuxException">As there.</exception>
    public static UnixListener BindPackets(string path, int backlog = 64, UnixFileMode mode = UnixFileMode.UserRead | UnixFileMode.UserWrite) =>
        Bind(path, backlog, mode, NativeSocket.SOCK_SEQPACKET);

    /// <summary>Listens for packet connections under a name of the abstract space, which has no file and no mode: everybody in the network namespace may connect.</summary>
    /// <param name="name">At most 107 bytes, without the zero byte in front.</param>
    /// <param name="backlog">Connections that may wait to be accepted.</param>
    /// <exception cref="LinuxException">Another socket has the name (EADDRINUSE), or it is too long (ENAMETOOLONG).</exception>
    public static UnixListener BindAbstractPackets(string name, int backlog = 64)
    {
        string shown = "@" + name;
        UnixAddress address = UnixAddress.For(shown, out uint length);
        FileDescriptor descriptor = UnixConnection.NewSocket(NativeSocket.SOCK_SEQPACKET);
        try
        {
            // SAFETY: the address lives on the stack during the call.
            LinuxException.Check(NativeSocket.Bind(descriptor, &address, length), "bind", $"Taking the abstract socket name '{shown}' failed");
            LinuxException.Check(NativeSocket.Listen(descriptor, backlog), "listen", $"Listening on the socket '{shown}' failed");
            return new UnixListener(descriptor, shown, default);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    private static UnixListener Bind(string path, int backlog, UnixFileMode mode, int type)
    {
        UnixAddress address = UnixAddress.For(path);

        // Between looking at the old file and having the new one nobody else of ours may do the same; the folder itself is the lock,
        // so nothing is left lying about.
        using FileDescriptor? folder = LockFolder(path, FolderLockMs);
        RemoveStale(path);
        FileDescriptor descriptor = UnixConnection.NewSocket(type);
        try
        {
            // The file inherits the socket's mode, so it is never open to others, not even for a moment.
            LinuxException.Check(NativeFile.ChangeMode(descriptor, OwnerOnly), "fchmod", path);

            // SAFETY: the address lives on the stack during the call.
            LinuxException.Check(NativeSocket.Bind(descriptor, &address, UnixAddress.Size), "bind", $"Creating the socket '{path}' failed");
            Statx file = FilePath.TryStat(path) ?? throw new LinuxException(Errno.ENOENT, "statx", $"The socket '{path}' vanished while it was made");
            LinuxException.Check(NativeSocket.Listen(descriptor, backlog), "listen", $"Listening on the socket '{path}' failed");

            // The umask has taken bits away from what the file inherited, so the path itself gets the mode asked for. Our folder lock and the
            // file that was just made keep others from putting something else there, except those who own the folder anyway.
            if (mode != (UnixFileMode)OwnerOnly) File.SetUnixFileMode(path, mode);
            return new UnixListener(descriptor, path, file);
        }
        catch
        {
            descriptor.Dispose();
            throw;
        }
    }

    /// <summary>Takes one waiting connection, without waiting for one.</summary>
    /// <param name="connection">The connection when the answer is <see cref="AcceptResult.Accepted"/>.</param>
    public AcceptResult TryAccept(out UnixConnection? connection)
    {
        AcceptResult result = _acceptor.TryAccept(out FileDescriptor? socket);
        connection = socket is null ? null : new UnixConnection(socket);
        return result;
    }

    /// <summary>As <see cref="TryAccept"/>, for a protocol with its own messages.</summary>
    /// <param name="stream">The connection when the answer is <see cref="AcceptResult.Accepted"/>.</param>
    public AcceptResult TryAcceptStream(out UnixStream? stream)
    {
        AcceptResult result = _acceptor.TryAccept(out FileDescriptor? socket);
        stream = socket is null ? null : new UnixStream(socket);
        return result;
    }

    /// <summary>As <see cref="TryAccept"/>, for a listener of packets.</summary>
    /// <param name="packets">The connection when the answer is <see cref="AcceptResult.Accepted"/>.</param>
    public AcceptResult TryAcceptPackets(out UnixPackets? packets)
    {
        AcceptResult result = _acceptor.TryAccept(out FileDescriptor? socket);
        packets = socket is null ? null : new UnixPackets(socket);
        return result;
    }

    /// <summary>Stops listening and removes the socket file if it is still ours.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        try
        {
            using FileDescriptor? folder = Path[0] == '@' ? null : LockFolder(Path, FolderLockMs);
            if (Path[0] != '@' && FilePath.TryStat(Path) is { } present && present.IsSameFile(_file)) FilePath.TryUnlink(Path);
        }
        catch (LinuxException)
        {
            // The folder cannot be reached any more; then there is nothing to tidy up either.
        }

        _acceptor.Dispose();
    }

    private static void RemoveStale(string path)
    {
        Statx? found = FilePath.TryStat(path);
        if (found is null) return;
        if (!found.Value.IsSocket) throw new LinuxException(Errno.EEXIST, "bind", $"'{path}' exists and is not a socket; it is left alone");
        Errno answer = UnixConnection.TryConnect(path, out FileDescriptor? live);
        live?.Dispose();
        switch (answer)
        {
            case Errno.ECONNREFUSED:
                FilePath.TryUnlink(path);
                return;
            case Errno.ENOENT:
                return;

            // EAGAIN: alive, with a full queue. EPROTOTYPE: alive, of another socket type.
            case Errno.None or Errno.EAGAIN or EPROTOTYPE:
                throw new LinuxException(Errno.EADDRINUSE, "bind", $"A server is already listening on the socket '{path}'");
            default:
                throw new LinuxException(answer, "connect", $"The socket '{path}' exists, and whether a server listens on it cannot be told");
        }
    }

    // Null where the folder cannot be locked: some file systems know no locks, a folder may be unreadable, and anybody who can read it
    // may hold the lock for spite. Two servers that start in the same instant on the same stale file could then both succeed; a
    // live server is still seen.
    private static FileDescriptor? LockFolder(string path, int timeoutMs)
    {
        string folder = System.IO.Path.GetDirectoryName(System.IO.Path.GetFullPath(path)) ?? "/";
        FileDescriptor? descriptor = FilePath.TryOpen(folder, NativeFile.O_RDONLY | NativeFile.O_DIRECTORY);
        if (descriptor is null) return null;
        long start = Stopwatch.GetTimestamp();
        while (NativeFile.LockWhole(descriptor, NativeFile.LOCK_EX | NativeFile.LOCK_NB) < 0)
        {
            if (NativeError.Last is not (Errno.EAGAIN or Errno.EINTR) || Stopwatch.GetElapsedTime(start).TotalMilliseconds > timeoutMs)
            {
                descriptor.Dispose();
                return null;
            }

            Thread.Sleep(1);
        }

        return descriptor;
    }
}
