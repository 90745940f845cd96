// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Where an endpoint has its EID from, bits 1:0 of the Get Endpoint ID answer.</summary>
public enum EidKind : byte
{
    /// <summary>It takes what it is given.</summary>
    Dynamic = 0,

    /// <summary>It can have a static EID; nothing is said about the one in force.</summary>
    StaticSupported = 1,

    /// <summary>It has a static EID, and that is in force.</summary>
    StaticInForce = 2,

    /// <summary>It has a static EID, and another is in force.</summary>
    StaticOverridden = 3,
}
