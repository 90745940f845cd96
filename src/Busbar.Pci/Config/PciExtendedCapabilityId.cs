// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Identifiers of capabilities from byte 256 on (PCI Code and ID Assignment, 3). Any other value may occur as well.</summary>
public enum PciExtendedCapabilityId : ushort
{
    /// <summary>Nothing but the link to the next one.</summary>
    Null = 0x00,

    /// <summary>Advanced error reporting.</summary>
    AdvancedErrorReporting = 0x01,

    /// <summary>Virtual channels.</summary>
    VirtualChannel = 0x02,

    /// <summary>Serial number.</summary>
    DeviceSerialNumber = 0x03,

    /// <summary>Power budgeting.</summary>
    PowerBudgeting = 0x04,

    /// <summary>The vendor's own (VSEC).</summary>
    VendorSpecific = 0x0B,

    /// <summary>Access control services.</summary>
    AccessControlServices = 0x0D,

    /// <summary>Alternative routing-ID interpretation.</summary>
    AlternativeRoutingId = 0x0E,

    /// <summary>Address translation services.</summary>
    AddressTranslation = 0x0F,

    /// <summary>Single-root I/O virtualisation.</summary>
    SingleRootIov = 0x10,

    /// <summary>Page requests.</summary>
    PageRequest = 0x13,

    /// <summary>Resizable BARs.</summary>
    ResizableBar = 0x15,

    /// <summary>Latency tolerance reporting.</summary>
    LatencyTolerance = 0x18,

    /// <summary>Secondary PCI Express.</summary>
    SecondaryPcie = 0x19,

    /// <summary>Process address space identifiers.</summary>
    ProcessAddressSpace = 0x1B,

    /// <summary>Downstream port containment.</summary>
    DownstreamPortContainment = 0x1D,

    /// <summary>Power substates of the link.</summary>
    L1Substates = 0x1E,

    /// <summary>Precision time measurement.</summary>
    PrecisionTime = 0x1F,

    /// <summary>A designated vendor's own (DVSEC); CXL lives here.</summary>
    DesignatedVendor = 0x23,

    /// <summary>Data link features.</summary>
    DataLinkFeature = 0x25,

    /// <summary>16 GT/s link.</summary>
    PhysicalLayer16 = 0x26,

    /// <summary>Lane margining.</summary>
    LaneMargining = 0x27,

    /// <summary>32 GT/s link.</summary>
    PhysicalLayer32 = 0x2A,

    /// <summary>Data object exchange.</summary>
    DataObjectExchange = 0x2E,
}
