// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What a range of EIDs in a routing table is.</summary>
public enum RoutingEntryKind : byte
{
    /// <summary>One endpoint that is no bridge.</summary>
    Endpoint = 0,

    /// <summary>A range that begins with the EID of the bridge to it.</summary>
    RangeWithBridge = 1,

    /// <summary>One bridge.</summary>
    Bridge = 2,

    /// <summary>A range without the EID of the bridge to it.</summary>
    RangeWithoutBridge = 3,
}
