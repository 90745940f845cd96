// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Byte offsets in the configuration space of a function (PCI Local Bus 3.0, 6.1 and 6.2; PCI Express Base, 7.5.1).</summary>
public static class PciConfigRegisters
{
    /// <summary>Vendor, 2 bytes; 0xFFFF where there is no function.</summary>
    public const int VendorId = 0x00;

    /// <summary>Device, 2 bytes; the vendor chooses it.</summary>
    public const int DeviceId = 0x02;

    /// <summary>Command, 2 bytes: <see cref="PciCommands"/>.</summary>
    public const int Command = 0x04;

    /// <summary>Status, 2 bytes: <see cref="PciStatuses"/>.</summary>
    public const int Status = 0x06;

    /// <summary>Revision, 1 byte.</summary>
    public const int Revision = 0x08;

    /// <summary>Programming interface, subclass and class, 3 bytes from here.</summary>
    public const int ClassCode = 0x09;

    /// <summary>Cache line size in units of 4 bytes, 1 byte; without effect in PCI Express.</summary>
    public const int CacheLineSize = 0x0C;

    /// <summary>Latency timer, 1 byte; 0 in PCI Express.</summary>
    public const int LatencyTimer = 0x0D;

    /// <summary>Header type, 1 byte: layout in bits 6:0 (0 function, 1 bridge), bit 7 set when the device has several functions.</summary>
    public const int HeaderType = 0x0E;

    /// <summary>Built-in self test, 1 byte.</summary>
    public const int Bist = 0x0F;

    /// <summary>The first base address register, 4 bytes each.</summary>
    public const int Bar0 = 0x10;

    /// <summary>Subsystem vendor, 2 bytes; header type 0 only.</summary>
    public const int SubsystemVendorId = 0x2C;

    /// <summary>Subsystem, 2 bytes; header type 0 only.</summary>
    public const int SubsystemId = 0x2E;

    /// <summary>Expansion ROM base address, 4 bytes; header type 0 only.</summary>
    public const int RomAddress = 0x30;

    /// <summary>Offset of the first capability, 1 byte.</summary>
    public const int CapabilityPointer = 0x34;

    /// <summary>Scratch byte in which firmware leaves the number of the interrupt line.</summary>
    public const int InterruptLine = 0x3C;

    /// <summary>Interrupt pin, 1 byte: 0 none, 1 to 4 for INTA to INTD.</summary>
    public const int InterruptPin = 0x3D;

    /// <summary>First byte behind the header, where capabilities live.</summary>
    public const int HeaderEnd = 0x40;

    /// <summary>Bytes of the conventional configuration space; extended capabilities start here.</summary>
    public const int ConventionalLength = 0x100;

    /// <summary>Bytes of the extended configuration space.</summary>
    public const int ExtendedLength = 0x1000;

    /// <summary>Base address registers of a function with header type 0.</summary>
    public const int BarCount = 6;
}
