// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Memory;
using Busbar.Mmbi;

namespace Busbar.Node;

/// <summary>What MMBI links over all kinds of windows share: one link for life, and one channel for each life of the window.</summary>
public abstract class MmbiAttachment : LinkAttachment
{
    private readonly WindowOptions _options;
    private SharedRegion? _region;

    private protected MmbiAttachment(WindowOptions options)
    {
        _options = options;
        MmbiLink = new MmbiLink(options.Name, options.Mtu);
    }

    /// <inheritdoc/>
    public override MctpLink Link => MmbiLink;

    /// <summary>The link, with what only MMBI has.</summary>
    public MmbiLink MmbiLink { get; }

    /// <inheritdoc/>
    public override WaitStrategy Wait => _options.Wait;

    /// <summary>Owner or discoverer.</summary>
    public MmbiRole Role => _options.Role;

    /// <summary>Bytes of the window, the rendezvous page included; 0 while there is no window.</summary>
    public int WindowSize => _region?.Length ?? 0;

    /// <summary>Told every transition of every channel, under the node's lock; must not block.</summary>
    public Action<MmbiEvent>? Transition { get; set; }

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
                Role = _options.Role,
                Dialect = _options.Dialect,
                Instance = _options.Instance,
                Instances = _options.Instances,
                UsableLength = usableLength,
                DoorbellArea = _options.DoorbellArea,
                Timings = _options.Timings,
                Interrupts = _options.Interrupts,
                WritesDoorbellByte = _options.WritesDoorbellByte,
                NeverResets = _options.NeverResets,
                IsQuietAfterLeave = _options.IsQuietAfterLeave,
                Doorbell = doorbell,
            });
        }
        catch (ArgumentException refusal)
        {
            // The parameter that the text ends in is one of ours and means nothing to a user.
            string reason = refusal.Message.Split(" (Parameter ", 2)[0].TrimEnd('.');
            throw new MctpException(MctpError.BadConfiguration, $"link '{_options.Text}': {reason}", refusal);
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
