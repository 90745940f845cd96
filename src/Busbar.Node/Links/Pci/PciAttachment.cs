// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Node;

/// <summary>
/// An MMBI link through a PCI function, as its driver: one instance of the window of an endpoint, or of the memory behind QEMU's ivshmem device. The probe
/// decides; what is above is the same.
/// </summary>
/// <remarks>
/// The device is looked at four times a second. One that stops answering takes the link down, and one that answers again brings it up; shared memory
/// outlives a dead device, so the window alone would not tell.
/// </remarks>
public abstract class PciAttachment : MmbiAttachment
{
    private protected const int WatchMs = 250;

    // A device that takes longer for one register counts as gone.
    private const int AnswerLimitMs = 1000;

    private int _isDisposed;
    private long _failuresSeen;

    private protected PciAttachment(PciWindowDevice device, WindowOptions options)
        : base(options) => (Device, _failuresSeen) = (device, device.PastFailures);

    /// <summary>True while the device does not answer, and for good once it was given back.</summary>
    public bool IsGone { get; private protected set; }

    /// <summary>True once the kernel asked for the function, and got it: the link stays down until it is opened anew.</summary>
    public bool IsGivenBack { get; private set; }

    /// <summary>
    /// True from an uncorrectable error of the function, as the platform reports it, until the function is reset, which this end does if it can: after a second, and again every second
    /// until it succeeds.
    /// </summary>
    public bool HasFailed { get; private set; }

    /// <summary>How often the function failed.</summary>
    public long Failures { get; private set; }

    /// <inheritdoc/>
    public override string? WhyDown => IsGivenBack ? "the kernel took the function back (it was unplugged or unbound); open the link anew"
        : !HasFailed ? null
        : Device.CanReset ? "the platform reported an uncorrectable error of the function, and no reset has succeeded yet; the kernel log tells more"
        : "the platform reported an uncorrectable error of the function, which cannot be reset by itself; open the link anew";

    /// <summary>How often the device was found gone.</summary>
    public long Disappearances { get; private protected set; }

    /// <inheritdoc/>
    public override string Description => $"pci {Device.Description}, {WindowSize} bytes, {Role}{Condition}";

    private protected PciWindowDevice Device { get; }

    private string Condition => IsGivenBack ? ", given back to the kernel"
        : HasFailed ? ", failed by an uncorrectable error"
        : IsGone ? ", the device does not answer" : string.Empty;

    /// <summary>Puts a link on a function that is open.</summary>
    /// <param name="device">The function.</param>
    /// <param name="options">How this end behaves.</param>
    /// <param name="ownsDevice">True to dispose the function with the attachment, also when this throws.</param>
    /// <param name="bar">The BAR with the window, when the probe needs help.</param>
    /// <exception cref="MctpException">The function carries no window, or not the one that was asked for.</exception>
    public static PciAttachment Open(IPciDevice device, WindowOptions options, bool ownsDevice = false, int? bar = null)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        return Open(() => PciWindowDevice.Probe(device, bar, ownsDevice), options, TimeSpan.Zero, null);
    }

    /// <summary>Puts several links on one function that is open, one for each set of options.</summary>
    /// <param name="device">The function; disposed with the last of the attachments when <paramref name="ownsDevice"/>.</param>
    /// <param name="options">How each of them behaves; their instances differ.</param>
    /// <param name="ownsDevice">True to dispose the function with the last attachment.</param>
    /// <exception cref="MctpException">The function carries no window, or not those that were asked for.</exception>
    public static IReadOnlyList<PciAttachment> OpenAll(IPciDevice device, IReadOnlyList<WindowOptions> options, bool ownsDevice = false)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(options);
        string key = $"{device.Name}#{System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(device)}";
        var opened = new List<PciAttachment>();
        try
        {
            foreach (WindowOptions each in options)
                opened.Add(Open(() => PciWindowDevice.Acquire(key, null, () => device, ownsDevice), each, TimeSpan.Zero, null));
            return opened;
        }
        catch
        {
            foreach (PciAttachment attachment in opened) attachment.Dispose();
            throw;
        }
    }

    internal static PciAttachment Open(MmbiAttachmentSettings settings)
    {
        MmbiLinkSpec spec = settings.Spec;
        if (spec.Window == WindowKind.VfioUser)
        {
            // One client of a device at a time: the instances of this process share it.
            return Open(
                () => PciWindowDevice.Acquire("vfio-user " + Path.GetFullPath(spec.Path), spec.Bar, () => VfioUserClient.Connect(spec.Path, AnswerLimitMs), ownsDevice: true),
                settings.Window,
                settings.Patience,
                spec.Peer);
        }

        PciAddress address = spec.Address ?? throw settings.Refusal(MctpError.BadConfiguration, "no PCI address");
        return Open(
            () => PciWindowDevice.Acquire(address.ToString(), spec.Bar, () => PciDevices.Open(address, spec.Backend), ownsDevice: true),
            settings.Window,
            settings.Patience,
            spec.Peer);
    }

    private static PciAttachment Open(Func<PciWindowDevice> probe, WindowOptions options, TimeSpan patience, int? peer)
    {
        PciWindowDevice? device = null;
        try
        {
            device = probe();
            if (peer is not null && device.Kind != PciWindowKind.IvshmemDoorbell)
                throw new MctpException(MctpError.BadConfiguration, $"link '{options.Text}': there is nobody to choose, the function is no ivshmem with doorbells; leave out peer=");
            PciAttachment attachment = device.Kind == PciWindowKind.Hardware
                ? HardwareAttachment.Open(device, options)
                : IvshmemPciAttachment.Open(device, options, patience, peer);
            device = null;
            return attachment;
        }
        catch (PciDeviceException refusal)
        {
            throw new MctpException(ErrorOf(refusal.Fault), $"link '{options.Text}': {refusal.Message}", refusal);
        }
        catch (LinuxException refusal)
        {
            throw new MctpException(MctpError.MissingFacility, $"link '{options.Text}': {refusal.Message}", refusal);
        }
        finally
        {
            device?.Dispose();
        }
    }

    /// <summary>Lets go of the function if the kernel wants it back, which waits for that.</summary>
    /// <returns>True when it has been given back, now or before: there is nothing left to touch.</returns>
    private protected bool TryGiveBack(long now)
    {
        if (IsGivenBack || !Device.IsWantedBack) return IsGivenBack;
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return true;
        if (!IsGone) Disappearances++;
        (IsGone, IsGivenBack) = (true, true);
        DescriptorVersion++;
        MmbiLink.PeerVanished(now);
        LetGo();
        Uninstall(now);
        Device.Dispose();
        return true;
    }

    /// <summary>Takes the link down when the platform reported an uncorrectable error, and has the function reset.</summary>
    /// <returns>True while it has not been: there is nothing to trust.</returns>
    private protected bool IsStillFailed(long now)
    {
        long failures = Device.LookForFailures(now);
        if (failures != _failuresSeen)
        {
            if (!IsGone) Disappearances++;
            Failures += failures - _failuresSeen;
            _failuresSeen = failures;
            (IsGone, HasFailed) = (true, true);
            MmbiLink.PeerVanished(now, reason: MmbiReason.DeviceFailed);
            MmbiLink.DetachChannel(now);
        }

        if (HasFailed) HasFailed = !Device.TryRecover(now);
        return HasFailed;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        // Once only: the device is counted, and another link may still be on it.
        if (!disposing || Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        LetGo();
        base.Dispose(disposing);
        Device.Dispose();
    }

    /// <summary>Gives back what this end holds in the device; called once, before the window goes.</summary>
    private protected abstract void LetGo();

    private static MctpError ErrorOf(PciDeviceFault fault) => fault switch
    {
        PciDeviceFault.NotFound => MctpError.Unreachable,
        PciDeviceFault.Busy => MctpError.AddressInUse,
        PciDeviceFault.Unsuitable or PciDeviceFault.WrongDriver or PciDeviceFault.GroupNotViable => MctpError.BadConfiguration,
        PciDeviceFault.Failed => MctpError.PeerError,
        _ => MctpError.MissingFacility,
    };
}
