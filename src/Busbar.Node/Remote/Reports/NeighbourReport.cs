// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>Where an EID sits on a link.</summary>
public sealed record NeighbourReport
{
    /// <summary>Index of the link.</summary>
    public int Link { get; init; }

    /// <summary>The EID.</summary>
    public int Eid { get; init; }

    /// <summary>Its physical address, hexadecimal bytes joined by colons.</summary>
    public string Address { get; init; } = "";
}
