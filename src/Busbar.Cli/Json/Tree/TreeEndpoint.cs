// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>One endpoint of a <see cref="TreeReport"/>, and what is behind it when it is a bridge.</summary>
internal sealed record TreeEndpoint
{
    public required int Eid { get; init; }

    /// <summary>Bus owner or bridge, as it says itself.</summary>
    public required bool Bridge { get; init; }

    /// <summary>available, degraded, unqueried (it has an EID, and nobody knows more yet), silent (it is listed and does not answer),
    /// or routed (the kernel has a route to it, and nobody asked).</summary>
    public required string State { get; init; }

    /// <summary>Physical address on the link; absent where the medium has none and behind bridges.</summary>
    public string? Address { get; init; }

    public string? Uuid { get; init; }

    public required IReadOnlyList<int> Types { get; init; }

    public IReadOnlyList<string>? Vendors { get; init; }

    /// <summary>Largest packet on the route to it; absent for the link's own limit.</summary>
    public int? Mtu { get; init; }

    /// <summary>EIDs that the bridge hands out.</summary>
    public TreeRange? Pool { get; init; }

    /// <summary>What its routing table lists beyond the endpoints in <see cref="Behind"/>; absent when there is nothing.</summary>
    public IReadOnlyList<TreeRange>? Holds { get; init; }

    /// <summary>The endpoints behind it; absent when there are none.</summary>
    public IReadOnlyList<TreeEndpoint>? Behind { get; init; }
}
