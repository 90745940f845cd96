// SPDX-License-Identifier: Apache-2.0
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>What <c>busbar pci bind</c> or <c>unbind</c> did.</summary>
internal sealed record PciBindReport
{
    public required string Address { get; init; }

    public string? Former { get; init; }

    public string? Driver { get; init; }

    public int? IommuGroup { get; init; }

    /// <summary>What else to know, a line each.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    public static PciBindReport From(PciAddress address, PciBindResult result, PciSysfsDevice? now) => new()
    {
        Address = address.ToString(),
        Former = result.Former,
        Driver = result.Driver,
        IommuGroup = now?.IommuGroup,
        Notes = result.Notes,
    };
}
