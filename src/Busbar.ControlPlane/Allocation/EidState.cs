// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>What an EID is to somebody who looks for a free one.</summary>
internal enum EidState : byte
{
    /// <summary>Nobody had it since we began.</summary>
    Unused,

    /// <summary>Kept free for the pool of an endpoint that is being assigned and may turn out to be a bridge.</summary>
    Kept,

    /// <summary>Somebody had it, longer than TRECLAIM ago.</summary>
    Cooled,

    /// <summary>Somebody had it, and TRECLAIM is not over.</summary>
    Cooling,

    /// <summary>In use, part of a pool, reserved for somebody, or not ours to give.</summary>
    Taken,
}
