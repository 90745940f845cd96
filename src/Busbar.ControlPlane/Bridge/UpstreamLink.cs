// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>What we keep about a link on which somebody else is the bus owner.</summary>
internal sealed class UpstreamLink
{
    public UpstreamLink(int index) => Index = index;

    /// <summary>The link's index.</summary>
    public int Index { get; }

    /// <summary>The Discovered flag of bindings with discovery: set by an assignment, cleared by Prepare for Endpoint Discovery.</summary>
    public bool IsDiscovered { get; set; }

    /// <summary>Who assigned our EID here last: EID, link and physical address; null when nobody did.</summary>
    public MctpEndPoint? Owner { get; set; }

    /// <summary>The EID that was assigned; the null EID when none was.</summary>
    public Eid Assigned { get; set; }

    /// <summary>Moves on with each assignment, so that work for an older one can see that it is late.</summary>
    public int Generation { get; set; }

    /// <summary>What the bus owner's Routing Information Updates said.</summary>
    public LearnedRoutes Routes { get; } = new();
}
