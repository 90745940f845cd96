// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>A TUN device as a link of a node.</summary>
public sealed class TunAttachment : KernelAttachment
{
    private readonly TunDevice _device;

    /// <summary>Puts a device to work.</summary>
    /// <param name="device">The device, owned from now on.</param>
    public TunAttachment(TunDevice device)
    {
        _device = device;
        TunLink = new TunLink(device) { Gone = () => Gone?.Invoke() };
    }

    /// <inheritdoc/>
    public override MctpLink Link => TunLink;

    /// <summary>The link, with what only a TUN has.</summary>
    public TunLink TunLink { get; }

    /// <inheritdoc/>
    public override string Name => _device.Name;

    /// <inheritdoc/>
    public override int Index => _device.Index;

    /// <inheritdoc/>
    public override int SmallestMtu => MctpLink.MinimumMtu;

    /// <inheritdoc/>
    public override int LargestMtu => TunDevice.LargestMtu;

    /// <inheritdoc/>
    public override string Description => $"kernel interface {Name}, index {Index}";

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

    internal override void Begin(MctpNetlink netlink)
    {
        // Off first and on when there is somebody to send to: what the kernel sends meanwhile would only grow old in the queue.
        _device.TrySetCarrier(on: false);
        netlink.SetUp(Index, isUp: true);
    }

    internal override void SetCarrier(MctpNetlink netlink, bool on) => _device.TrySetCarrier(on);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _device.Dispose();
    }
}
