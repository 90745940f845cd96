// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Identifiers of capabilities in the first 256 bytes (PCI Code and ID Assignment, 2). Any other byte may occur as well.</summary>
public enum PciCapabilityId : byte
{
    /// <summary>Nothing but the link to the next one.</summary>
    Null = 0x00,

    /// <summary>Power management.</summary>
    PowerManagement = 0x01,

    /// <summary>Accelerated graphics port.</summary>
    Agp = 0x02,

    /// <summary>Vital product data.</summary>
    VitalProductData = 0x03,

    /// <summary>Slot identification.</summary>
    SlotId = 0x04,

    /// <summary>Message-signalled interrupts.</summary>
    Msi = 0x05,

    /// <summary>PCI-X.</summary>
    PciX = 0x07,

    /// <summary>HyperTransport.</summary>
    HyperTransport = 0x08,

    /// <summary>The vendor's own.</summary>
    Vendor = 0x09,

    /// <summary>Debug port.</summary>
    DebugPort = 0x0A,

    /// <summary>Subsystem identifiers of a bridge.</summary>
    BridgeSubsystem = 0x0D,

    /// <summary>PCI Express.</summary>
    PciExpress = 0x10,

    /// <summary>Message-signalled interrupts with a table.</summary>
    Msix = 0x11,

    /// <summary>Serial ATA.</summary>
    Sata = 0x12,

    /// <summary>Advanced features: function-level reset without PCI Express.</summary>
    AdvancedFeatures = 0x13,

    /// <summary>Enhanced allocation.</summary>
    EnhancedAllocation = 0x14,
}
