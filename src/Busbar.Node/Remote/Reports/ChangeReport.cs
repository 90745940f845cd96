// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>A change that <see cref="RemoteAdministration.WatchAsync"/> brings.</summary>
public sealed record ChangeReport
{
    /// <summary>What happened.</summary>
    public ChangeKind Kind { get; init; }

    /// <summary>The link as it is now (as it was, when it was removed); null for other changes. Without counters.</summary>
    public LinkReport? Link { get; init; }

    /// <summary>The endpoint as it is now (as it was, when it was removed); null for other changes.</summary>
    public EndpointReport? Endpoint { get; init; }

    /// <summary>The EID that came or went on <see cref="Link"/>.</summary>
    public int? Eid { get; init; }

    /// <summary>What changed about the endpoint (the names of <see cref="ControlPlane.EndpointField"/>), or the text of a note.</summary>
    public string? Text { get; init; }

    /// <summary>Changes that were missed.</summary>
    public long Lost { get; init; }
}
