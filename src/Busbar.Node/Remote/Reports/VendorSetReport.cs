// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>A vendor-defined set of commands.</summary>
public sealed record VendorSetReport
{
    /// <summary><c>Pci</c> or <c>Iana</c>.</summary>
    public string Format { get; init; } = "";

    /// <summary>PCI vendor ID or IANA enterprise number.</summary>
    public uint VendorId { get; init; }

    /// <summary>The vendor's own number for the set.</summary>
    public int CommandSet { get; init; }
}
