// SPDX-License-Identifier: Apache-2.0
using System.Numerics;
using Busbar.Linux;
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Devices;

/// <summary>From options to windows and interrupts: what lies where in a device, checked once.</summary>
internal sealed class DevicePlan : IDisposable
{
    private const int MailboxBar = 0;
    private const int TableBar = 4;
    private const int TableLength = 4096;
    private const int PendingOffset = 0x800;
    private const int ClassCode = 0x0C0C00;
    private const int BmcMemoryLength = 1 << 20;
    private const int LargestEid = 254;
    private const int LargestShareOfDoorbell = 32;

    private readonly MmbiDeviceOptions _options;
    private readonly DeviceProfile _profile;
    private readonly Action<int> _wake;
    private readonly Action _wakeAll;
    private readonly List<DoorbellByte> _bells = [];

    /// <summary>Checks what was asked for.</summary>
    /// <param name="options">What was asked for.</param>
    /// <param name="wake">Called when the host wrote the doorbell byte of an instance.</param>
    /// <param name="wakeAll">Called when the host wrote the trigger byte that all instances share.</param>
    public DevicePlan(MmbiDeviceOptions options, Action<int> wake, Action wakeAll)
    {
        (_options, _profile, _wake, _wakeAll) = (options, options.Profile, wake, wakeAll);
        Dialect = options.Dialect ?? _profile.Dialect;
        Check();
    }

    /// <summary>The dialect of all instances.</summary>
    public MmbiDialect Dialect { get; }

    /// <summary>Without a mailbox the host's quiet changes (a refusal, a driver that leaves) must be found by looking.</summary>
    public MmbiTimings Timings => _profile.HasMailbox ? MmbiTimings.Default : MmbiTimings.Default with { WatchInterval = MmbiTimings.Default.LongestPoll };

    /// <summary>The message that an instance interrupts with; -1 for none.</summary>
    public int MessageOf(int instance) => _profile.HasMailbox ? instance
        : _options.MsiVectors != 1 ? _profile.FirstMessage + (_profile.HasWindowPerInstance ? instance : 0)
        : _profile.HasBmcRegisters ? -1 : 0;

    /// <summary>
    /// Bytes around the doorbell byte without rings or status structures. That byte's page is not mapped into the guest, where a copy through it costs a
    /// message for every dword; on systems with larger pages no more than what leaves the driver's largest packets their room.
    /// </summary>
    public int DoorbellArea => _profile.HasMailbox
        ? MmbiLayout.ShortestDoorbellArea
        : Math.Min(Environment.SystemPageSize, _options.WindowSize / LargestShareOfDoorbell);

    /// <summary>Instances behind each descriptor.</summary>
    public int InstancesOfWindow => _profile.HasWindowPerInstance ? 1 : _options.Instances;

    /// <summary>What an instance's descriptor announces.</summary>
    public MmbiInterrupts InterruptsOf(int instance)
    {
        int message = MessageOf(_profile.HasWindowPerInstance ? instance : 0);
        if (_profile.Doorbell == DoorbellPlace.WindowEnd) return Dialect.Interrupts with { HostLocation = (byte)message };
        return message < 0
            ? new MmbiInterrupts(MmbiHostInterrupt.None, 0, 0, MmbiOwnerInterrupt.InBand, OwnerValue: 0)
            : new MmbiInterrupts(MmbiHostInterrupt.Pcie, (byte)message, 0, MmbiOwnerInterrupt.InBand, OwnerValue: 0);
    }

    /// <summary>The owner's own mapping of the window that an instance lies in; the caller's to dispose.</summary>
    public SharedRegion OpenWindow(PciFunction function, int instance) =>
        function.Bars[_profile.WindowBarOf(instance)]!.Memory!.MapPart(0, _options.WindowSize);

    /// <summary>The function.</summary>
    /// <param name="mailbox">Its mailbox, if the profile has one.</param>
    /// <param name="bmc">Its registers of a BMC, likewise.</param>
    public PciFunctionOptions Describe(MailboxBlock? mailbox, BmcRegisters? bmc)
    {
        List<PciFunctionCapability> capabilities = [PciFunctionCapability.PowerManagement(), PciFunctionCapability.Express(hasFunctionLevelReset: true)];
        List<PciFunctionRegion> regions = [];
        if (mailbox is not null)
        {
            regions.Add(new PciFunctionRegion(MailboxBar, MailboxFormat.Length).AddRegisters(0, MailboxFormat.Length, mailbox.DiscovererView));
            regions.Add(Window(_profile.FirstWindowBar, is64Bit: true).AddMemory(0, _options.WindowSize, _options.IsWindowMappable));
            regions.Add(new PciFunctionRegion(TableBar, TableLength));
            capabilities.Add(PciFunctionCapability.Msix(_options.Instances, TableBar, 0, PendingOffset));
        }
        else
        {
            int windows = _profile.HasWindowPerInstance ? _options.Instances : 1;
            if (bmc is not null)
            {
                regions.Add(new PciFunctionRegion(BmcRegisters.MemoryBar, BmcMemoryLength).AddMemory(0, BmcMemoryLength));
                regions.Add(bmc.Region);
            }

            for (int k = 0; k < windows; k++) regions.Add(BelledWindow(k));
            capabilities.Add(PciFunctionCapability.Msi(_options.MsiVectors));
        }

        return new PciFunctionOptions
        {
            Name = _profile.Name,
            VendorId = _options.VendorId ?? _profile.VendorId,
            DeviceId = _options.DeviceId ?? _profile.DeviceId,
            SubsystemVendorId = _options.SubsystemVendorId,
            SubsystemId = _options.SubsystemId,
            ClassCode = ClassCode,
            RevisionId = _profile.RevisionId,
            Regions = regions,
            Capabilities = capabilities,
        };
    }

    /// <summary>Lets go of the doorbell bytes.</summary>
    public void Dispose()
    {
        foreach (DoorbellByte bell in _bells) bell.Dispose();
    }

    // The doorbell byte's page is not mapped into the guest, so that the write is noticed when it happens; the rest is, and with it all that packets touch.
    private PciFunctionRegion BelledWindow(int instance)
    {
        int page = Environment.SystemPageSize;
        int size = _options.WindowSize;
        PciFunctionRegion window = Window(_profile.WindowBarOf(instance), is64Bit: false);
        Action ring = _profile.HasWindowPerInstance ? () => _wake(instance) : _wakeAll;
        if (_profile.Doorbell == DoorbellPlace.WindowEnd)
        {
            DoorbellByte last = Bell(window, size - sizeof(ulong), ring);
            return window.AddMemory(0, size - page, _options.IsWindowMappable).AddMemory(size - page, page, isMappable: false, last.AfterWrite);
        }

        const int DescriptorOfNone = 32;
        const int DescriptorOfEach = 32;
        DoorbellByte first = Bell(window, DescriptorOfNone + (DescriptorOfEach * InstancesOfWindow), ring);
        return window.AddMemory(0, page, isMappable: false, first.AfterWrite).AddMemory(page, size - page, _options.IsWindowMappable);
    }

    private DoorbellByte Bell(PciFunctionRegion window, int offset, Action ring)
    {
        var bell = new DoorbellByte(window.Memory!, offset, MmbiDialect.V10Aspeed.Interrupts.OwnerValue, ring);
        _bells.Add(bell);
        return bell;
    }

    private PciFunctionRegion Window(int bar, bool is64Bit) => new(bar, _options.WindowSize, is64Bit, isPrefetchable: is64Bit)
    {
        Memory = MappedMemory.CreateSealed($"busbar-{_profile.Name}-{bar}", _options.WindowSize),
    };

    private void Check()
    {
        if (_options.Instances < 1 || _options.Instances > _profile.MaximumInstances)
        {
            throw Refuse($"Profile {_profile} has 1 to {_profile.MaximumInstances} instances, not {_options.Instances}.");
        }

        if (_options.WindowSize < _profile.SmallestWindow || _options.WindowSize > 1 << 30 || !BitOperations.IsPow2(_options.WindowSize))
        {
            throw Refuse($"A window of profile {_profile} is a power of two from {_profile.SmallestWindow >> 10}K to 1G, not {_options.WindowSize} bytes.");
        }

        if (!_profile.HasMailbox && Dialect != _profile.Dialect) throw Refuse($"Profile {_profile} speaks {_profile.Dialect} only, because its driver does.");
        IReadOnlyList<int> counts = _profile.MessageCounts;
        if (!counts.Contains(_options.MsiVectors)) throw Refuse($"MSI has {string.Join(", ", counts.SkipLast(1))} or {counts[^1]} messages here, not {_options.MsiVectors}.");
        if (_options.StaticEid.Value + _options.Instances - 1 > LargestEid) throw Refuse($"From EID {_options.StaticEid.Value} on there are not {_options.Instances} EIDs.");

        // Before anything is made, so that a layout that does not fit is refused in the user's terms.
        MmbiLayout.Create(Dialect, _options.WindowSize, InstancesOfWindow, _options.WindowSize, InterruptsOf(0), DoorbellArea);
    }

    private static ArgumentException Refuse(string reason) => new(reason);
}
