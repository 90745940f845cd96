// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;

namespace Busbar.Node;

/// <summary>The kernel's announcements about links and MCTP addresses, as they come.</summary>
public sealed class KernelWatch : IDisposable
{
    private const int BufferSize = 64 * 1024;
    private const int MostDatagramsPerTurn = 64;

    private readonly INetlinkChannel _channel;
    private readonly NetlinkMessageHandler _arrived;
    private readonly Action<Errno> _lost;
    private readonly LoopWatch _watch;
    private readonly byte[] _buffer = new byte[BufferSize];
    private bool _disposed;

    private KernelWatch(EventLoop loop, INetlinkChannel channel, NetlinkMessageHandler arrived, Action<Errno> lost)
    {
        _channel = channel;
        _arrived = arrived;
        _lost = lost;
        _watch = loop.Watch(channel.Descriptor, PollEvents.Readable, _ => TakeSome());
    }

    /// <summary>Begins to listen, on a socket of its own.</summary>
    /// <param name="loop">Where the callbacks run.</param>
    /// <param name="facilities">The system.</param>
    /// <param name="arrived">Gets each datagram.</param>
    /// <param name="lost">Told when announcements were lost (ENOBUFS, EMSGSIZE: read everything anew), or when no more will come (any other reason).</param>
    /// <exception cref="HostException">The system does not let us listen.</exception>
    public static KernelWatch Start(EventLoop loop, IKernelFacilities facilities, NetlinkMessageHandler arrived, Action<Errno> lost)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(facilities);
        INetlinkChannel? channel = null;
        try
        {
            channel = facilities.OpenNetlink();
            NetlinkChanges.Join(channel);
            return new KernelWatch(loop, channel, arrived, lost);
        }
        catch (LinuxException failure)
        {
            channel?.Dispose();
            throw KernelRefusals.Of(failure, "listening for changes of links and addresses");
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _watch.Dispose();
        _channel.Dispose();
    }

    /// <summary>Takes what has been announced until now, without waiting for the loop.</summary>
    internal void TakeSome()
    {
        for (int i = 0; i < MostDatagramsPerTurn && !_disposed; i++)
        {
            Errno taken = _channel.TryReceive(_buffer, timeoutMs: 0, out int length);
            switch (taken)
            {
                case Errno.None:
                    _arrived(_buffer.AsSpan(0, length));
                    continue;
                case Errno.EBADMSG:
                    continue;
                case Errno.EAGAIN:
                    return;
                case Errno.ENOBUFS or Errno.EMSGSIZE:
                    _lost(taken);
                    continue;
                default:
                    // A dead descriptor would be ready for ever.
                    Dispose();
                    _lost(taken);
                    return;
            }
        }
    }
}
