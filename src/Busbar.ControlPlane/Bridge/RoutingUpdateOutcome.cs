// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>What became of a Routing Information Update.</summary>
internal enum RoutingUpdateOutcome
{
    /// <summary>What concerns us was taken in.</summary>
    Taken,

    /// <summary>There is no room for that many ranges.</summary>
    NoRoom,

    /// <summary>The sender is not the one who assigned our EID on that bus.</summary>
    NotFromOwner,

    /// <summary>An entry is no range of EIDs.</summary>
    Nonsense,
}
