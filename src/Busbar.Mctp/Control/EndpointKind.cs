// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What an endpoint is, bits 5:4 of the Get Endpoint ID answer.</summary>
public enum EndpointKind : byte
{
    /// <summary>A simple endpoint.</summary>
    Simple = 0,

    /// <summary>A bus owner or a bridge.</summary>
    BusOwnerOrBridge = 1,
}
