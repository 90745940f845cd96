// SPDX-License-Identifier: Apache-2.0
using Busbar.Bindings;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// An interface of the kernel's serial binding as a link of a node: frames over a pseudo terminal of our own. Our end is up while the interface is; what comes for it meanwhile is
/// dropped and counted, because the kernel would drop it without counting.
/// </summary>
public sealed class LineDisciplineAttachment : KernelAttachment
{
    private readonly MctpSerialDevice _device;
    private bool _isGone;

    /// <summary>Puts an interface to work.</summary>
    /// <param name="device">The interface, owned from now on.</param>
    public LineDisciplineAttachment(MctpSerialDevice device)
    {
        _device = device;
        SerialLink = new SerialLink(device.Name, new SerialLinkOptions { Mtu = Math.Min(device.LargestMtu, SerialFrame.LargestPacket), ResynchroniseOnOpen = false });
        SerialLink.SetAdministrativelyUp(up: device.Watch.IsUp, MctpNode.Now);
        SerialLink.Open(new StreamChannel(device.Stream), MctpNode.Now);
    }

    /// <inheritdoc/>
    public override MctpLink Link => SerialLink;

    /// <summary>The link, with what only a serial line has.</summary>
    public SerialLink SerialLink { get; }

    /// <inheritdoc/>
    public override string Name => _device.Name;

    /// <inheritdoc/>
    public override int Index => _device.Index;

    /// <inheritdoc/>
    public override int SmallestMtu => _device.SmallestMtu;

    /// <inheritdoc/>
    public override int LargestMtu => SerialLink.MaximumMtu;

    /// <inheritdoc/>
    public override string Description => $"kernel interface {Name}, index {Index}, on a pseudo terminal";

    internal override long NextDeadline => long.MaxValue;

    // Which descriptors there are, and what is waited for on them. A stream at its end stays readable for ever, and sleeping on it would be no sleep.
    internal override int DescriptorVersion =>
        (_isGone ? 8 : 0) | (_device.Stream.IsOpen ? 4 : 0) | (SerialLink.IsHoldingBack ? 2 : 0) | (SerialLink.HasOutput ? 1 : 0);

    internal override void CollectDescriptors(List<FileDescriptor> descriptors)
    {
        if (_isGone) return;
        descriptors.Add(_device.Watch.Descriptor);
        if (_device.Stream.IsOpen) descriptors.Add(_device.Stream.Descriptor);
    }

    internal override PollEvents InterestIn(FileDescriptor descriptor)
    {
        if (!ReferenceEquals(descriptor, _device.Stream.Descriptor)) return PollEvents.Readable;
        return (SerialLink.IsHoldingBack ? PollEvents.None : PollEvents.Readable) | (SerialLink.HasOutput ? PollEvents.Writable : PollEvents.None);
    }

    internal override void OnReady(FileDescriptor descriptor, long now)
    {
        if (ReferenceEquals(descriptor, _device.Stream.Descriptor))
        {
            SerialLink.Statistics.Wakes++;
            SerialLink.NotifyReadable();
            return;
        }

        _device.Watch.Look();
        Follow(now);
    }

    internal override void Service(long now)
    {
        // Nothing comes and goes but by the descriptors.
    }

    internal override void Stop(long now) => SerialLink.Close(now);

    internal override void Begin(MctpNetlink netlink)
    {
        // It stays down until there is somebody to send to.
    }

    internal override void SetCarrier(MctpNetlink netlink, bool on) => netlink.SetUp(Index, on);

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _device.Dispose();
    }

    private void Follow(long now)
    {
        if (_isGone) return;
        if (!_device.Watch.Exists)
        {
            _isGone = true;
            SerialLink.GiveUp(now);
            Gone?.Invoke();
            return;
        }

        bool isUp = _device.Watch.IsUp;
        if (isUp == SerialLink.IsAdministrativelyUp) return;
        SerialLink.SetAdministrativelyUp(isUp, now);

        // While it was down, the kernel's receiver may have missed the middle of a frame.
        if (isUp) SerialLink.Resynchronise();
    }
}
