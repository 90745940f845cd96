// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>One request of the administration lane; each method uses the members that it needs.</summary>
internal sealed record AdministrationRequest
{
    /// <summary>Chosen by the client; the answer repeats it.</summary>
    public long Id { get; init; }

    public AdministrationMethod Method { get; init; }

    public int? Link { get; init; }

    public bool? IsUp { get; init; }

    public int? Mtu { get; init; }

    public uint? Network { get; init; }

    public int? Eid { get; init; }

    public string? Address { get; init; }

    public int? PoolStart { get; init; }

    public int? PoolSize { get; init; }

    public string? Role { get; init; }

    public RouteReport? Route { get; init; }

    public NeighbourReport? Neighbour { get; init; }
}
