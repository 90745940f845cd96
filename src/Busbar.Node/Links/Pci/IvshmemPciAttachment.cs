// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Node;

/// <summary>
/// A link through QEMU's ivshmem device, from inside the guest, in either role. With doorbells the ends meet in the rendezvous page, and signs of
/// life there stand in for the connections that a guest cannot see; without them the window is all there is, and both ends poll.
/// </summary>
internal sealed class IvshmemPciAttachment : PciAttachment
{
    private const int LookAgainMs = 20;
    private const int WatchDownMs = 10;

    private readonly WindowOptions _options;
    private readonly IvshmemPort? _port;
    private readonly RendezvousPage? _page;
    private readonly RendezvousLiveness? _rival;
    private readonly PciVector? _vector;
    private readonly int _usable;
    private long _nextService;
    private long _layoutSince = long.MinValue;

    private IvshmemPciAttachment(PciWindowDevice device, WindowOptions options, SharedRegion window, int? peer)
        : base(device, options)
    {
        (_options, _usable) = (options, window.Length);
        if (device.Registers is null) return;
        _page = new RendezvousPage(window);
        _usable = _page.UsableLength;

        // Instances of one device share its vectors, and a device of ivshmem has one owner or discoverer of ours in most cases: vector 0 is for the first.
        if (options.Wait is WaitStrategy.Adaptive or WaitStrategy.Block && device.Vectors.Count > 0) _vector = device.Vectors[0];
        _port = new IvshmemPort(device.Registers, _page, options.Role, options.Instance, peer, _vector is not null);
        _rival = new RendezvousLiveness(_page, PageRole, options.Instance);
    }

    public override string Description => _port is null || IsGivenBack ? base.Description : $"{base.Description}, own id {_port.OwnId}, peer {_port.PeerId}";

    internal override long NextDeadline => _nextService;

    private RendezvousRole PageRole => Role == MmbiRole.Owner ? RendezvousRole.Owner : RendezvousRole.Discoverer;

    public static IvshmemPciAttachment Open(PciWindowDevice device, WindowOptions options, TimeSpan patience, int? peer)
    {
        // A dead holder of our role needs its time to be known as dead.
        TimeSpan limit = patience > TimeSpan.FromMilliseconds(2 * RendezvousLiveness.DeadAfterMs) ? patience : TimeSpan.FromMilliseconds(2 * RendezvousLiveness.DeadAfterMs);
        long end = MctpNode.Now + (long)limit.TotalMilliseconds;
        SharedRegion? window = device.MapWindow(device.Windows[0]);
        try
        {
            // The rendezvous page is claimed with atomic exchanges, which a window that is reached access by access does not have.
            if (device.Registers is not null && window.Access != RegionAccess.Ram)
                throw new MctpException(MctpError.BadConfiguration, $"link '{options.Text}': the device's shared memory cannot be mapped; use one whose BAR 2 is memory");
            var attachment = new IvshmemPciAttachment(device, options, window, peer);
            using var pause = new ManualResetEventSlim();
            while (attachment.TryEnter(MctpNode.Now) is { } trouble)
            {
                if (MctpNode.Now >= end) throw new MctpException(trouble.Error, $"link '{options.Text}': {trouble.Reason}");
                pause.Wait(LookAgainMs);
            }

            attachment.Install(window, attachment._usable, (IMmbiDoorbell?)attachment._port ?? NoDoorbell.Instance, MctpNode.Now);
            window = null;
            return attachment;
        }
        finally
        {
            window?.Dispose();
        }
    }

    internal override void CollectDescriptors(List<FileDescriptor> descriptors)
    {
        if (_vector is not null && !IsGivenBack) descriptors.Add(_vector.Descriptor);
    }

    internal override void OnReady(FileDescriptor descriptor, long now)
    {
        if (_vector is null || IsGivenBack || !_vector.Drain(null)) return;
        Link.Statistics.Wakes++;

        // The message says nothing but "look": there is no register to acknowledge with MSI-X, so the fence is all.
        Interlocked.MemoryBarrier();
        if (!Link.IsUp) _nextService = now;
    }

    // Who had claimed its role when this end came up is the peer that it joined. If that were noticed later only, it would pass for yet another peer, and the
    // session, just begun, would be given up with the messages in it.
    internal override void OnLinkChanged(bool isUp, long now)
    {
        if (isUp) _port?.Refresh(now);
        _nextService = now;
    }

    internal override void Service(long now)
    {
        _nextService = now + (Link.IsUp || IsGone || _port is null ? WatchMs : WatchDownMs);
        if (TryGiveBack(now) || IsStillFailed(now)) return;
        if (!Device.IsPresent())
        {
            if (IsGone) return;
            IsGone = true;
            Disappearances++;
            MmbiLink.PeerVanished(now);
            MmbiLink.DetachChannel(now);
            return;
        }

        IsGone = false;
        if (_port is null)
        {
            Resume(_usable, NoDoorbell.Instance, now);
            return;
        }

        FollowRole(now);
        int before = _port.PeerId;
        if (_port.Refresh(now) && before >= 0) MmbiLink.PeerVanished(now, isReplaced: _port.PeerId >= 0);
    }

    private protected override void LetGo()
    {
        if (_port is { HoldsSlot: true } && HasWindow) _page!.Release(PageRole, _options.Instance);
    }

    // Null when the role is ours, or there is nothing to claim yet (a discoverer that came before its owner).
    private Trouble? TryEnter(long now)
    {
        if (_port is null) return null;
        int own = _port.OwnId;
        if (own < 0) return new Trouble(MctpError.Unreachable, "the device has no id; is its server running?");
        if (Role == MmbiRole.Owner)
        {
            if (_layoutSince == long.MinValue) _layoutSince = now;

            // Laying out takes no time worth mentioning: whoever is still at it after a while died over it.
            switch (_page!.TryFormat(own, _ => now - _layoutSince < RendezvousLiveness.DeadAfterMs))
            {
                case RendezvousFormat.Busy: return new Trouble(MctpError.Unreachable, "another owner is just starting there");
                case RendezvousFormat.Incompatible:
                    return new Trouble(MctpError.BadConfiguration, "the rendezvous page is of another version; restart whoever serves the window");
            }
        }

        if (!_page!.IsPresent || TryClaim(own, now)) return null;
        return new Trouble(MctpError.AddressInUse, $"somebody else is {Role.ToString().ToLowerInvariant()} there and gives signs of life; stop it");
    }

    private bool TryClaim(int own, long now) =>
        _port!.HoldsSlot = _page!.TryClaim(PageRole, _options.Instance, own, 0, _ => !_rival!.HasStopped(now));

    // As on a host: a discoverer finds the page when the owner has made it, and stands back for another one that lives.
    private void FollowRole(long now)
    {
        if (!_page!.IsPresent) return;
        if (!_port!.HoldsSlot || !_page.IsHeld(PageRole, _options.Instance))
        {
            bool held = _port.HoldsSlot;
            if (_port.OwnId is var own and >= 0 && TryClaim(own, now)) Resume(_usable, _port, now);
            else if (held) _port.HoldsSlot = true;
            else MmbiLink.DetachChannel(now);
        }
        else
        {
            Resume(_usable, _port, now);
        }

        _page.SignOfLife(PageRole, _options.Instance);
    }

    private sealed record Trouble(MctpError Error, string Reason);
}
