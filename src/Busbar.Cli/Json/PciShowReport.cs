// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What <c>busbar pci show</c> found.</summary>
internal sealed record PciShowReport
{
    public required PciDeviceRow Device { get; init; }

    /// <summary>Bytes of configuration space that could be read: 64 without privileges.</summary>
    public required int ConfigBytes { get; init; }

    public required IReadOnlyList<FieldRow> Header { get; init; }

    public required IReadOnlyList<PciBarRow> Bars { get; init; }

    public required IReadOnlyList<PciCapabilityRow> Capabilities { get; init; }

    /// <summary>What is wrong with the lists of capabilities, a line each.</summary>
    public required IReadOnlyList<string> Faults { get; init; }

    /// <summary>Other functions of its IOMMU group.</summary>
    public IReadOnlyList<string>? GroupMembers { get; init; }

    /// <summary>The configuration space in hexadecimal digits; only with <c>-x</c>.</summary>
    public string? Config { get; init; }
}
