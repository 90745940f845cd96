// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>Somebody whom a <see cref="NetworkSurvey"/> met, or heard of.</summary>
internal sealed class SurveyedEndpoint
{
    public SurveyedEndpoint(Eid eid, SurveyedEndpoint? parent)
    {
        Eid = eid;
        Parent = parent;
    }

    public Eid Eid { get; }

    /// <summary>The bridge in front of it; null for the one at the other end of the link.</summary>
    public SurveyedEndpoint? Parent { get; set; }

    /// <summary>What it says about itself; null when it does not answer.</summary>
    public EndpointInventory? Inventory { get; set; }

    /// <summary>True when a routing table lists it by itself, not as part of a range.</summary>
    public bool IsListedAlone { get; set; }

    /// <summary>Its routing table; empty for simple endpoints.</summary>
    public IReadOnlyList<RoutingTableEntry> Table { get; set; } = [];

    /// <summary>Who is behind it, by EID.</summary>
    public SortedDictionary<byte, SurveyedEndpoint> Behind { get; } = [];

    /// <summary>Whether it is a bridge on the way to another endpoint.</summary>
    public bool IsInFrontOf(SurveyedEndpoint other)
    {
        for (SurveyedEndpoint? front = other; front is not null; front = front.Parent)
        {
            if (front == this) return true;
        }

        return false;
    }

    /// <summary>The tree below it, itself included.</summary>
    public TreeEndpoint ToTree()
    {
        TreeEndpoint[] behind = [.. Behind.Values.Select(endpoint => endpoint.ToTree())];
        return new TreeEndpoint
        {
            Eid = Eid.Value,
            Bridge = Inventory?.IsBridge ?? false,
            State = Inventory is null ? "silent" : "available",
            Uuid = Inventory?.Uuid?.ToString(),
            Types = Inventory?.Types ?? [],
            Vendors = Inventory is { Vendors.Count: > 0 } ? Inventory.Vendors : null,
            Behind = behind.Length == 0 ? null : behind,
        };
    }
}
