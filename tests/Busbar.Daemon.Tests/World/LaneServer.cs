// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>A clients' socket over some source of sockets, without the rest of a daemon.</summary>
internal sealed class LaneServer : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly RunningLoop _loop = new();
    private readonly ClientListener _listener;

    public LaneServer(IMctpSocketSource? sockets, int mostClients = 64)
    {
        Counters = new ClientCounters(mostClients);
        Path = _folder.File("s");
        _listener = _loop.Do(() => new ClientListener(_loop.Loop, UnixListener.BindPackets(Path), sockets, administration: null, Counters));
    }

    public string Path { get; }

    public ClientCounters Counters { get; }

    public T Do<T>(Func<T> work) => _loop.Do(work);

    public void Dispose()
    {
        _loop.Do(_listener.Dispose);
        _loop.Dispose();
        _folder.Dispose();
    }
}
