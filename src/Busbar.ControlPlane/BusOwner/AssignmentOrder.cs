// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>What is to be given to an endpoint.</summary>
internal readonly record struct AssignmentOrder()
{
    /// <summary>A certain EID, known to be free; null for one of the allocator's choice.</summary>
    public Eid? Eid { get; init; }

    /// <summary>Whether the endpoint gets a pool when it asks for one.</summary>
    public bool GrantsPool { get; init; } = true;

    /// <summary>A certain pool, known to be free, that it gets in any case.</summary>
    public EidPool? Pool { get; init; }

    /// <summary>What the endpoint said about itself; null when it was not asked.</summary>
    public EndpointKind? Kind { get; init; }
}
