// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Memory;
using Busbar.Mmbi;

namespace Busbar.Node;

/// <summary>What MMBI links over all kinds of windows share: one link for life, and one channel for each life of the window.</summary>
public abstract class MmbiAttachment : LinkAttachment
{
    private SharedRegion? _region;

    private protected MmbiAttachment(MmbiAttachmentSettings settings)
    {
        Settings = settings;
        MmbiLink = new MmbiLink(settings.Name, settings.Spec.Mtu);
    }

    /// <inheritdoc/>
    public override MctpLink Link => MmbiLink;

    /// <summary>The link, with what only MMBI has.</summary>
    public MmbiLink MmbiLink { get; }

    /// <inheritdoc/>
    public override WaitStrategy Wait => Settings.Wait;

    /// <summary>Owner or discoverer.</summary>
    public MmbiRole Role => Settings.Role;

    /// <summary>Bytes of the window, the rendezvous page included; 0 while there is no window.</summary>
    public int WindowSize => _region?.Length ?? 0;

    /// <summary>Told every transition of every channel, under the node's lock; must not block.</summary>
    public Action<MmbiEvent>? Transition { get; set; }

    private protected MmbiAttachmentSettings Settings { get; }

    private protected bool HasWindow => _region is not null;

    /// <summary>Starts a channel on a window. The attachment owns the region from now on, unless this throws.</summary>
    private protected void Install(SharedRegion region, int usableLength, IMmbiDoorbell doorbell, long now)
    {
        Attach(Create(region, usableLength, doorbell), now);
        _region = region;
    }

    /// <summary>Starts a channel again on the window that is there, unless one runs.</summary>
    private protected void Resume(int usableLength, IMmbiDoorbell doorbell, long now)
    {
        if (_region is not null && MmbiLink.Channel is null) Attach(Create(_region, usableLength, doorbell), now);
    }

    private void Attach(MmbiChannel channel, long now)
    {
        channel.Transition += change => Transition?.Invoke(change);
        MmbiLink.Attach(channel, now);
    }

    private MmbiChannel Create(SharedRegion region, int usableLength, IMmbiDoorbell doorbell)
    {
        try
        {
            return new MmbiChannel(region, new MmbiChannelOptions
            {
                Role = Settings.Role,
                Dialect = Settings.Dialect,
                Instance = Settings.Spec.Instance,
                Instances = Settings.Instances,
                UsableLength = usableLength,
                Timings = Settings.Timings,
                Doorbell = doorbell,
            });
        }
        catch (ArgumentException refusal)
        {
            // The parameter that the text ends in is one of ours and means nothing to a user.
            string reason = refusal.Message.Split(" (Parameter ", 2)[0].TrimEnd('.');
            throw new MctpException(MctpError.BadConfiguration, $"link '{Settings.Spec.Text}': {reason}", refusal);
        }
    }

    /// <summary>Gives the window up, because it is gone.</summary>
    private protected void Uninstall(long now)
    {
        MmbiLink.DetachChannel(now);
        _region?.Dispose();
        _region = null;
    }

    /// <inheritdoc/>
    internal override void Stop(long now) => MmbiLink.Close(now);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (!disposing) return;
        Uninstall(MctpNode.Now);
    }
}
