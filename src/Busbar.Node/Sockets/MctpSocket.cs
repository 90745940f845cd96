// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// A socket on a node or of the kernel (<see cref="IMctpSocketSource"/>), in the shape of System.Net.Sockets: blocking with time-outs, non-blocking with <c>Try</c>, and asynchronous with
/// cancellation. The message type and its IC bit travel in the <see cref="MctpEndPoint"/>, not in the buffer, as with the kernel's AF_MCTP.
/// </summary>
/// <remarks>
/// One thread may send while another receives. Several threads may not receive from one socket at the same time.
/// Failures throw <see cref="MctpException"/>; a time-out is <see cref="MctpError.TimedOut"/>.
/// </remarks>
public sealed partial class MctpSocket : IDisposable
{
    private readonly SocketBackend _backend;
    private int _closed;

    internal MctpSocket(SocketBackend backend, MctpSocketKind kind)
    {
        _backend = backend;
        Kind = kind;
    }

    /// <summary>Whole messages or packets.</summary>
    public MctpSocketKind Kind { get; }

    /// <summary>How long a blocking receive waits; infinite unless set.</summary>
    public TimeSpan ReceiveTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>How long a blocking send waits for room; infinite unless set.</summary>
    public TimeSpan SendTimeout { get; set; } = Timeout.InfiniteTimeSpan;

    /// <summary>Messages that wait to be received; a socket of the kernel tells only none (0) from some (1).</summary>
    public int Available => _backend.Available;

    /// <summary>
    /// Answers that were thrown away because nobody waited for them, or because they were no answers. Counted here for sockets of the kernel; a node counts
    /// by reason in its stack, and this stays 0.
    /// </summary>
    public int Strays => _backend.Strays;

    /// <summary>
    /// Asks for requests of a type: those to <see cref="MctpEndPoint.Eid"/> (<see cref="Eid.Any"/> for any local EID) in the network
    /// (0 for all).
    /// </summary>
    /// <param name="local">Type, local EID and network; the tag is ignored.</param>
    /// <exception cref="MctpException"><see cref="MctpError.AddressInUse"/> when another socket has the same bind or this one is bound.</exception>
    public void Bind(in MctpEndPoint local) => _backend.Bind(local);

    /// <summary>Restricts the socket to one peer; call it before <see cref="Bind"/>.</summary>
    /// <param name="peer">Peer EID, type and network.</param>
    public void Connect(in MctpEndPoint peer) => _backend.Connect(peer);

    /// <summary>Takes a tag toward a peer ahead of sending; it never expires and may carry many answers.</summary>
    /// <param name="peer">The peer.</param>
    /// <exception cref="MctpException"><see cref="MctpError.NoTag"/> when all eight are taken.</exception>
    public MctpTag AllocateTag(in MctpEndPoint peer) => _backend.AllocateTag(peer)
        ?? throw new MctpException(MctpError.NoTag, $"all 8 tags toward EID {peer.Eid} are in use; wait for answers or release one");

    /// <summary>Gives back a tag from <see cref="AllocateTag"/>.</summary>
    /// <param name="peer">The same peer.</param>
    /// <param name="tag">The tag.</param>
    public void ReleaseTag(in MctpEndPoint peer, MctpTag tag) => _backend.ReleaseTag(peer, tag);

    /// <summary>Lets time pass, and serves the links of the socket's node meanwhile where it has one.</summary>
    /// <param name="time">How long.</param>
    public void Pause(TimeSpan time) => _backend.Pause(time);

    /// <summary>Closes the socket: its binds and tags are free again, and whoever waits in it fails with <see cref="MctpError.Closed"/>.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _closed, 1) != 0) return;
        _backend.Close();
    }

    internal void CountStray() => _backend.CountStray();

    private MctpException Closed() => new(MctpError.Closed, "the socket is closed");
}
