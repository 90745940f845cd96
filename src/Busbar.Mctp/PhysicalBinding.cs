// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Physical transport binding identifiers (DSP0239, table of binding identifiers).</summary>
public enum PhysicalBinding : byte
{
    /// <summary>Not said; what Linux reports for plain network devices.</summary>
    Unspecified = 0x00,

    /// <summary>MCTP over SMBus or I2C (DSP0237).</summary>
    Smbus = 0x01,

    /// <summary>MCTP over PCIe VDM (DSP0238).</summary>
    PcieVdm = 0x02,

    /// <summary>MCTP over USB (DSP0283).</summary>
    Usb = 0x03,

    /// <summary>MCTP over KCS (DSP0254).</summary>
    Kcs = 0x04,

    /// <summary>MCTP over serial (DSP0253).</summary>
    Serial = 0x05,

    /// <summary>MCTP over I3C (DSP0233).</summary>
    I3c = 0x06,

    /// <summary>MCTP over MMBI (DSP0284).</summary>
    Mmbi = 0x07,

    /// <summary>MCTP over PCC (DSP0292).</summary>
    Pcc = 0x08,

    /// <summary>MCTP over UCIe.</summary>
    Ucie = 0x09,

    /// <summary>A vendor's own binding.</summary>
    Vendor = 0xFF,
}
