// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Node;

/// <summary>A link to an endpoint with an MMBI window in one of its BARs: the discoverer's end.</summary>
internal sealed class HardwareAttachment : PciAttachment
{
    private readonly MailboxDoorbell _doorbell;
    private long _nextWatch;

    private HardwareAttachment(PciWindowDevice device, WindowOptions options, int pair)
        : base(device, options) => _doorbell = new MailboxDoorbell(device, MmbiLink, pair, options.Wait);

    /// <summary>How often the device had forgotten its enables, because somebody reset it.</summary>
    public long Rearmed { get; private set; }

    internal override long NextDeadline => _nextWatch;

    public static HardwareAttachment Open(PciWindowDevice device, WindowOptions options)
    {
        if (options.Role != MmbiRole.Discoverer)
            throw Refusal(options, "the owner of a device's window is the processor behind it; leave out role=owner");

        // Several windows: one instance in each, every one the first of its own descriptor.
        bool hasWindowEach = device.Windows.Count > 1;
        if (hasWindowEach && options.Instance >= device.Windows.Count)
            throw Refusal(options, $"there is no instance {options.Instance}; the device has {device.Windows.Count} windows");
        int bar = device.Windows[hasWindowEach ? options.Instance : 0];
        WindowOptions own = options with
        {
            Instance = hasWindowEach ? 0 : options.Instance,
            WritesDoorbellByte = options.WritesDoorbellByte ?? true,
        };
        SharedRegion? window = device.MapWindow(bar);
        HardwareAttachment? attachment = null;
        bool opened = false;
        try
        {
            attachment = new HardwareAttachment(device, own, options.Instance);
            attachment.Install(window, 0, attachment._doorbell, MctpNode.Now);
            window = null;
            attachment._doorbell.SetEnabled(true);
            opened = true;
            return attachment;
        }
        finally
        {
            window?.Dispose();
            if (!opened) attachment?.LetGo();
        }
    }

    internal override void CollectDescriptors(List<FileDescriptor> descriptors)
    {
        if (!IsGivenBack) _doorbell.CollectDescriptors(descriptors);
    }

    internal override void OnReady(FileDescriptor descriptor, long now)
    {
        if (!IsGivenBack && _doorbell.Acknowledge(descriptor)) Link.Statistics.Wakes++;
    }

    internal override void Service(long now)
    {
        _nextWatch = now + WatchMs;
        if (TryGiveBack(now) || IsStillFailed(now)) return;
        bool isPresent = Device.IsPresent();

        // A reset by somebody else switches its windows off: then it only looks as if it were gone.
        bool isRestored = !isPresent && Device.TryRestore();
        if (!isPresent && !(isRestored && Device.IsPresent()))
        {
            if (IsGone) return;
            IsGone = true;
            Disappearances++;

            // The event says why; then nothing more is written to a window that nobody reads.
            MmbiLink.PeerVanished(now);
            MmbiLink.DetachChannel(now);
            return;
        }

        if (isRestored || !_doorbell.IsAsEnabled)
        {
            Rearmed++;
            Device.TryRestore();
            _doorbell.SetEnabled(true);
        }

        if (!IsGone) return;
        IsGone = false;
        Resume(0, _doorbell, now);
    }

    private protected override void LetGo() => _doorbell.Dispose();

    private static MctpException Refusal(WindowOptions options, string reason) => new(MctpError.BadConfiguration, $"link '{options.Text}': {reason}");
}
