// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What a Set Endpoint ID request asks for, bits 1:0.</summary>
public enum SetEndpointIdOperation : byte
{
    /// <summary>Take this EID.</summary>
    Set = 0,

    /// <summary>Take this EID even if another bus gave one.</summary>
    Force = 1,

    /// <summary>Go back to the static EID.</summary>
    Reset = 2,

    /// <summary>Only set the Discovered flag.</summary>
    SetDiscovered = 3,
}
