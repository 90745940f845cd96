// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>A TUN device as a link of a node. The device goes with the attachment.</summary>
public sealed class TunAttachment : LinkAttachment
{
    private readonly TunDevice _device;

    /// <summary>Puts a device to work.</summary>
    /// <param name="device">The device, owned from now on.</param>
    /// <param name="mtu">Largest packet that we send, header included.</param>
    public TunAttachment(TunDevice device, int mtu)
    {
        _device = device;
        TunLink = new TunLink(device, mtu);
    }

    /// <inheritdoc/>
    public override MctpLink Link => TunLink;

    /// <summary>The link, with what only a TUN has.</summary>
    public TunLink TunLink { get; }

    /// <inheritdoc/>
    public override WaitStrategy Wait => WaitStrategy.Block;

    /// <inheritdoc/>
    public override string Description => $"kernel interface {_device.Name}, index {_device.Index}";

    internal override long NextDeadline => long.MaxValue;

    // While a packet is held back the descriptor stays readable, and sleeping on it would be no sleep; once it is gone it is in error for ever.
    internal override int DescriptorVersion => !TunLink.IsUp ? 2 : TunLink.IsHoldingBack ? 1 : 0;

    internal override void CollectDescriptors(List<FileDescriptor> descriptors)
    {
        if (DescriptorVersion == 0) descriptors.Add(_device.Descriptor);
    }

    internal override void OnReady(FileDescriptor descriptor, long now) => TunLink.Statistics.Wakes++;

    internal override void Service(long now)
    {
        // Nothing comes and goes here: the poll finds out when the interface is removed.
    }

    internal override void Stop(long now) => TunLink.Close(now);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _device.Dispose();
    }
}
