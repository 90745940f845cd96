// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>What a bridge wants the system below to have for one network.</summary>
internal sealed class WantedRoutes
{
    /// <summary>Our EID, on buses of ours that have none.</summary>
    public HashSet<HostAddress> Addresses { get; } = [];

    /// <summary>The ranges that lead up.</summary>
    public HashSet<HostRoute> Routes { get; } = [];

    /// <summary>Where stations above us sit.</summary>
    public HashSet<HostNeighbour> Neighbours { get; } = [];
}
