// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// A link together with the descriptors it stands on: opens them, follows what happens to them, and keeps the link alive over
/// a peer's restarts. The node calls it under its lock.
/// </summary>
public abstract class LinkAttachment : IDisposable
{
    /// <summary>The link; the same object for the attachment's whole life.</summary>
    public abstract MctpLink Link { get; }

    /// <summary>What threads do while nothing arrives.</summary>
    public abstract WaitStrategy Wait { get; }

    /// <summary>What the attachment stands on, for people, in one line.</summary>
    public abstract string Description { get; }

    /// <summary>When <see cref="Service"/> wants to run even if nothing happened: monotonic milliseconds.</summary>
    internal abstract long NextDeadline { get; }

    /// <summary>Names the descriptors to sleep on. Called once when the link joins its node.</summary>
    internal abstract void Start(Poller poller, long now);

    /// <summary>Takes the descriptors away again.</summary>
    internal abstract void Stop(Poller poller, long now);

    /// <summary>Bounded and non-blocking: drains doorbells, follows peers that come and go, reconnects.</summary>
    internal abstract void Service(long now);

    /// <inheritdoc/>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Releases what the attachment stands on.</summary>
    /// <param name="disposing">True when called by <see cref="Dispose()"/>.</param>
    protected abstract void Dispose(bool disposing);
}
