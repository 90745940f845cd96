// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>A socket by which clients come in: takes them off it in the loop's thread, and counts those for whom no descriptor was free.</summary>
internal sealed class ClientDoor : IDisposable
{
    private const int AcceptsPerTurn = 16;

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(100);

    private readonly UnixListener _listener;
    private readonly ClientCounters _counters;
    private readonly Action<UnixPackets> _admit;
    private readonly LoopWatch _watch;
    private bool _disposed;

    /// <summary>Opens it.</summary>
    /// <param name="loop">Whose thread.</param>
    /// <param name="listener">The listening socket; closed with this object.</param>
    /// <param name="counters">Where refusals are counted.</param>
    /// <param name="admit">Takes a newcomer over.</param>
    public ClientDoor(EventLoop loop, UnixListener listener, ClientCounters counters, Action<UnixPackets> admit)
    {
        _listener = listener;
        _counters = counters;
        _admit = admit;
        _watch = loop.Watch(listener.Descriptor, PollEvents.Readable, _ => Accept());
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _watch.Dispose();
        _listener.Dispose();
    }

    private void Accept()
    {
        for (int i = 0; i < AcceptsPerTurn; i++)
        {
            AcceptResult result = _listener.TryAcceptPackets(out UnixPackets? packets);
            if (result is AcceptResult.Shed or AcceptResult.Exhausted) _counters.Refused++;

            // The listener stays readable then, and the loop would spin.
            if (result == AcceptResult.Exhausted) _watch.Pause(s_pause);
            if (packets is null) return;
            _admit(packets);
        }
    }
}
