// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>The header of a configuration space (PCI Local Bus 3.0, 6.1). Says what stands there and judges nothing.</summary>
/// <param name="VendorId">The vendor; 0xFFFF when nobody answered.</param>
/// <param name="DeviceId">The device.</param>
/// <param name="Command">What it may do.</param>
/// <param name="Status">How it is.</param>
/// <param name="Revision">Revision.</param>
/// <param name="ClassCode">Class, subclass and programming interface as one 24-bit number, the class on top.</param>
/// <param name="Layout">Header type without the multi-function bit: 0 function, 1 bridge.</param>
/// <param name="IsMultiFunction">True when the device has further functions.</param>
/// <param name="SubsystemVendorId">Who built the board; 0 in other layouts than 0.</param>
/// <param name="SubsystemId">The board; 0 in other layouts than 0.</param>
/// <param name="CapabilityPointer">Where the list of capabilities starts, as it stands there.</param>
/// <param name="InterruptLine">What firmware left there.</param>
/// <param name="InterruptPin">0 none, 1 to 4 for INTA to INTD.</param>
public sealed record PciHeader(
    ushort VendorId,
    ushort DeviceId,
    PciCommands Command,
    PciStatuses Status,
    byte Revision,
    int ClassCode,
    byte Layout,
    bool IsMultiFunction,
    ushort SubsystemVendorId,
    ushort SubsystemId,
    byte CapabilityPointer,
    byte InterruptLine,
    byte InterruptPin)
{
    private const ushort Nobody = 0xFFFF;

    /// <summary>True when a function answered.</summary>
    public bool IsPresent => VendorId != Nobody;

    /// <summary>How many base address registers the layout has.</summary>
    public int BarCount => Layout switch { 0 => PciConfigRegisters.BarCount, 1 => 2, _ => 0 };

    /// <summary>Decodes the header of an image of any length.</summary>
    /// <param name="image">The image.</param>
    public static PciHeader Read(PciConfigImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        byte type = image.Read8(PciConfigRegisters.HeaderType);
        bool isFunction = (type & 0x7F) == 0;
        return new PciHeader(
            image.Read16(PciConfigRegisters.VendorId),
            image.Read16(PciConfigRegisters.DeviceId),
            (PciCommands)image.Read16(PciConfigRegisters.Command),
            (PciStatuses)image.Read16(PciConfigRegisters.Status),
            image.Read8(PciConfigRegisters.Revision),
            (int)(image.Read32(PciConfigRegisters.Revision) >> 8),
            (byte)(type & 0x7F),
            (type & 0x80) != 0,
            isFunction ? image.Read16(PciConfigRegisters.SubsystemVendorId) : (ushort)0,
            isFunction ? image.Read16(PciConfigRegisters.SubsystemId) : (ushort)0,
            image.Read8(PciConfigRegisters.CapabilityPointer),
            image.Read8(PciConfigRegisters.InterruptLine),
            image.Read8(PciConfigRegisters.InterruptPin));
    }
}
