// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What kind of number names a vendor.</summary>
public enum VendorIdFormat : byte
{
    /// <summary>A PCI vendor ID, two bytes.</summary>
    Pci = 0,

    /// <summary>An IANA enterprise number, four bytes.</summary>
    Iana = 1,
}
