// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>One line of a bridge's routing table.</summary>
public sealed record RoutingEntryReport
{
    /// <summary>First EID.</summary>
    public int First { get; init; }

    /// <summary>EIDs in the range.</summary>
    public int Count { get; init; }

    /// <summary>What the range is (the names of <see cref="Mctp.RoutingEntryKind"/>).</summary>
    public string Kind { get; init; } = "";

    /// <summary>True when it was configured there, false when it was learned.</summary>
    public bool IsStatic { get; init; }

    /// <summary>The bridge's port.</summary>
    public int Port { get; init; }

    /// <summary>Binding of that port.</summary>
    public string Binding { get; init; } = "";

    /// <summary>Physical address, hexadecimal bytes joined by colons.</summary>
    public string Address { get; init; } = "";
}
