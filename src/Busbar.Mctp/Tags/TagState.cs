// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What a tag value is doing.</summary>
internal enum TagState : byte
{
    /// <summary>Nothing.</summary>
    Free,

    /// <summary>A request waits for its one answer.</summary>
    Request,

    /// <summary>A broadcast request takes answers until it expires.</summary>
    Broadcast,

    /// <summary>Allocated ahead: takes answers until it is released.</summary>
    Preallocated,

    /// <summary>The request was not answered; a late answer must not meet a new one.</summary>
    Cooling,
}
