// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>What became of a Routing Information Update.</summary>
internal enum RoutingUpdateOutcome
{
    /// <summary>What concerns us was taken in.</summary>
    Taken,

    /// <summary>The sender is not the one who assigned our EID on that bus.</summary>
    NotFromOwner,

    /// <summary>An entry is no range of EIDs.</summary>
    Nonsense,
}
