// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>One link of a <see cref="TreeReport"/> with what sits on it.</summary>
internal sealed record TreeLink
{
    public required string Name { get; init; }

    public int? Index { get; init; }

    /// <summary>As mctpd's configuration calls it: smbus, pcie, mmbi, serial, ...</summary>
    public string? Binding { get; init; }

    /// <summary>Our part: bus-owner, endpoint, unknown.</summary>
    public string? Role { get; init; }

    public required bool Up { get; init; }

    public int? Mtu { get; init; }

    /// <summary>Our physical address; absent where the medium has none.</summary>
    public string? Address { get; init; }

    /// <summary>Our EIDs on it.</summary>
    public required IReadOnlyList<int> LocalEids { get; init; }

    public required IReadOnlyList<TreeEndpoint> Endpoints { get; init; }

    /// <summary>EIDs that lie on the link by a route for all of them; absent when there are none, and with daemons.</summary>
    public IReadOnlyList<TreeRange>? Ranges { get; init; }
}
