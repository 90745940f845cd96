// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>A network.</summary>
public sealed record NetworkReport
{
    /// <summary>Its number.</summary>
    public uint Network { get; init; }

    /// <summary>Our EIDs in it.</summary>
    public IReadOnlyList<int> LocalEids { get; init; } = [];

    /// <summary>Endpoints that are known in it, our own included.</summary>
    public int Endpoints { get; init; }

    /// <summary>The pools that bridges of it hold.</summary>
    public IReadOnlyList<PoolReport> Pools { get; init; } = [];

    /// <summary>EIDs between the bounds of dynamic assignment that neither an endpoint nor a pool has.</summary>
    public int FreeEids { get; init; }
}
