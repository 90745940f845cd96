// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>A range of EIDs that a bridge hands out behind it.</summary>
public sealed record PoolReport
{
    /// <summary>EID of the bridge.</summary>
    public int Bridge { get; init; }

    /// <summary>First EID.</summary>
    public int First { get; init; }

    /// <summary>Last EID.</summary>
    public int Last { get; init; }
}
