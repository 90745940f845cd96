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

    /// <summary>Why the link is not up, for people, in a few words; null when it is up or nothing is known. Read it under the node's lock.</summary>
    public virtual string? WhyDown => null;

    /// <summary>When <see cref="Service"/> wants to run even if nothing happened: monotonic milliseconds.</summary>
    internal abstract long NextDeadline { get; }

    /// <summary>Moves on whenever <see cref="CollectDescriptors"/> would give another answer.</summary>
    internal virtual int DescriptorVersion { get; private protected set; }

    /// <summary>The version that the node's poller knows.</summary>
    internal int WatchedVersion { get; set; } = -1;

    /// <summary>Names the descriptors to sleep on.</summary>
    internal abstract void CollectDescriptors(List<FileDescriptor> descriptors);

    /// <summary>What to wait for on one of the descriptors; hang-ups and errors always count.</summary>
    internal virtual PollEvents InterestIn(FileDescriptor descriptor) => PollEvents.Readable;

    /// <summary>One of the descriptors is readable or hung up. Bounded and non-blocking.</summary>
    internal abstract void OnReady(FileDescriptor descriptor, long now);

    /// <summary>The link went down or came up; told in the middle of the link's own work, so nothing here may call the link.</summary>
    internal virtual void OnLinkChanged(bool isUp, long now)
    {
    }

    /// <summary>Bounded and non-blocking: follows peers that come and go, reconnects.</summary>
    internal abstract void Service(long now);

    /// <summary>Takes the link down in order, for the peer to see; called before <see cref="Dispose()"/>.</summary>
    internal abstract void Stop(long now);

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
