// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What an endpoint says about a pool of EIDs behind it, bits 1:0 of the Set Endpoint ID answer.</summary>
public enum EidPoolStatus : byte
{
    /// <summary>It uses none.</summary>
    None = 0,

    /// <summary>It needs one from the bus owner.</summary>
    Needed = 1,

    /// <summary>It has one already.</summary>
    Present = 2,
}
