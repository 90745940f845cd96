// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>What a node of a topology is.</summary>
public enum TopologyNodeKind
{
    /// <summary>The topmost bus owner: a daemon that assigns all EIDs, directly or through bridges.</summary>
    BusOwner,

    /// <summary>A daemon between links: endpoint toward the bus owner, bus owner behind.</summary>
    Bridge,

    /// <summary>A simple endpoint in a process of its own.</summary>
    Endpoint,
}
