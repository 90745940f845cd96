// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>What an emulated function is: its identity, its windows, its capabilities.</summary>
public sealed record PciFunctionOptions
{
    /// <summary>What users call it.</summary>
    public required string Name { get; init; }

    /// <summary>Vendor, 0 to 0xFFFE; 0xFFFF would mean that there is no function.</summary>
    public required ushort VendorId { get; init; }

    /// <summary>The vendor's number for it.</summary>
    public required ushort DeviceId { get; init; }

    /// <summary>Who built the board; 0 when nobody says.</summary>
    public ushort SubsystemVendorId { get; init; }

    /// <summary>The board.</summary>
    public ushort SubsystemId { get; init; }

    /// <summary>Class, subclass and programming interface, 24 bits: 0x0C0C00 is an IPMI or MMBI interface.</summary>
    public int ClassCode { get; init; }

    /// <summary>Revision.</summary>
    public byte RevisionId { get; init; }

    /// <summary>0 for no INTx, 1 for INTA, to 4.</summary>
    public byte InterruptPin { get; init; }

    /// <summary>The windows; a plan belongs to one function.</summary>
    public IReadOnlyList<PciFunctionRegion> Regions { get; init; } = [];

    /// <summary>
    /// The capabilities in the order of their lists. Extended ones need a PCI Express capability; with that one the configuration space has 4096 bytes,
    /// otherwise 256.
    /// </summary>
    public IReadOnlyList<PciFunctionCapability> Capabilities { get; init; } = [];
}
