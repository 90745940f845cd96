// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Vm;

/// <summary>Sits in a serial line between a guest's port and a node: passes bytes both ways, and puts noise into the line when told to.</summary>
internal sealed class SerialRelay : IDisposable
{
    private readonly UnixListener _guestSide;
    private readonly string _nodePath;
    private readonly Thread _thread;
    private readonly Queue<byte[]> _noise = new();
    private volatile bool _stopping;
    private Func<byte[], byte[]>? _change;

    /// <summary>Listens for the guest, and connects to the node once the guest is there.</summary>
    public SerialRelay(string guestPath, string nodePath)
    {
        _guestSide = UnixListener.Bind(guestPath);
        _nodePath = nodePath;
        _thread = new Thread(Run) { IsBackground = true, Name = "serial relay" };
        _thread.Start();
    }

    /// <summary>Sends bytes to the guest between what the node sends.</summary>
    public void Inject(params byte[] bytes)
    {
        lock (_noise) _noise.Enqueue(bytes);
    }

    /// <summary>Changes the next frame from the node to the guest.</summary>
    public void ChangeNext(Func<byte[], byte[]> change) => Volatile.Write(ref _change, change);

    public void Dispose()
    {
        _stopping = true;
        _thread.Join(TimeSpan.FromSeconds(10));
        _guestSide.Dispose();
    }

    private void Run()
    {
        using ByteStream? guest = Accept();
        using ByteStream? node = guest is null ? null : Connect();
        byte[] buffer = new byte[65_536];
        while (!_stopping && guest is { IsOpen: true } && node is { IsOpen: true })
        {
            bool moved = Pass(guest, node, buffer, change: null);
            moved |= Pass(node, guest, buffer, Interlocked.Exchange(ref _change, null));
            byte[]? noise;
            lock (_noise) _noise.TryDequeue(out noise);
            if (noise is not null) Write(guest, noise);
            if (!moved && noise is null) Pause();
        }
    }

    private ByteStream? Accept()
    {
        while (!_stopping)
        {
            if (_guestSide.TryAcceptStream(out UnixStream? stream) == AcceptResult.Accepted) return ByteStream.TakeOver(stream!);
            Pause();
        }

        return null;
    }

    private ByteStream? Connect()
    {
        while (!_stopping)
        {
            if (ByteStream.TryConnect(_nodePath, out _) is { } stream) return stream;
            Pause();
        }

        return null;
    }

    private bool Pass(ByteStream from, ByteStream to, byte[] buffer, Func<byte[], byte[]>? change)
    {
        int count = from.TryRead(buffer);
        if (count == 0)
        {
            if (change is not null) Interlocked.CompareExchange(ref _change, change, null);
            return false;
        }

        Write(to, change is null ? buffer.AsSpan(0, count) : change(buffer[..count]));
        return true;
    }

    private void Write(ByteStream to, ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty && to.IsOpen && !_stopping)
        {
            int count = to.TryWrite(bytes);
            bytes = bytes[count..];
            if (count == 0) Pause();
        }
    }

    private static void Pause()
    {
        using var pause = new ManualResetEventSlim();
        pause.Wait(2);
    }
}
