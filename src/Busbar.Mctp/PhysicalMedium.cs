// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Physical medium identifiers (DSP0239). Values without a name survive as they are.</summary>
public enum PhysicalMedium : byte
{
    /// <summary>Not said.</summary>
    Unspecified = 0x00,

    /// <summary>SMBus 2.0, 100 kHz.</summary>
    Smbus2 = 0x01,

    /// <summary>SMBus 2.0 and I2C, 100 kHz.</summary>
    Smbus2I2c = 0x02,

    /// <summary>I2C, 100 kHz.</summary>
    I2cStandard = 0x03,

    /// <summary>SMBus 3 or I2C, 400 kHz.</summary>
    Smbus3I2cFast = 0x04,

    /// <summary>SMBus 3 or I2C, 1 MHz.</summary>
    Smbus3I2cFastPlus = 0x05,

    /// <summary>I2C, 3.4 MHz.</summary>
    I2cHighSpeed = 0x06,

    /// <summary>PCIe 1.1.</summary>
    Pcie1 = 0x08,

    /// <summary>PCIe 2.0.</summary>
    Pcie2 = 0x09,

    /// <summary>PCIe 2.1.</summary>
    Pcie21 = 0x0A,

    /// <summary>PCIe 3.x.</summary>
    Pcie3 = 0x0B,

    /// <summary>PCIe 4.x.</summary>
    Pcie4 = 0x0C,

    /// <summary>PCIe 5.x, CXL 1 and 2.</summary>
    Pcie5 = 0x0D,

    /// <summary>PCIe 6.x without flits.</summary>
    Pcie6NonFlit = 0x0E,

    /// <summary>PCI or PCI-X.</summary>
    Pci = 0x0F,

    /// <summary>USB 1.1.</summary>
    Usb1 = 0x10,

    /// <summary>USB 2.0.</summary>
    Usb2 = 0x11,

    /// <summary>USB 3.x.</summary>
    Usb3 = 0x12,

    /// <summary>NC-SI over RBT.</summary>
    NcsiRbt = 0x18,

    /// <summary>UCIe.</summary>
    Ucie = 0x19,

    /// <summary>PCC.</summary>
    Pcc = 0x1A,

    /// <summary>KCS, legacy host.</summary>
    KcsLegacy = 0x20,

    /// <summary>KCS, PCI host.</summary>
    KcsPci = 0x21,

    /// <summary>Serial host, legacy.</summary>
    SerialLegacy = 0x22,

    /// <summary>Serial host, PCI.</summary>
    SerialPci = 0x23,

    /// <summary>Asynchronous serial between controller and device.</summary>
    SerialAsynchronous = 0x24,

    /// <summary>I3C Basic.</summary>
    I3cBasic = 0x30,

    /// <summary>PCIe 6 with flits, CXL 3.</summary>
    Pcie6Flit = 0x40,
}
