// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;

namespace Busbar.Daemon;

/// <summary>A node of a topology: one process.</summary>
public sealed class TopologyNode
{
    private readonly List<TopologyLink> _below = [];

    internal TopologyNode(string name, TopologyNodeKind kind, Guid uuid, TomlPosition position)
    {
        Name = name;
        Kind = kind;
        Uuid = uuid;
        Position = position;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public TopologyNodeKind Kind { get; }

    /// <summary>The UUID that it reports; made from the topology's name and its own, so that the node can be recognised.</summary>
    public Guid Uuid { get; }

    /// <summary>Where the file describes it.</summary>
    public TomlPosition Position { get; }

    /// <summary>A bus with endpoints that the node emulates; null without one.</summary>
    public EmulatedBusOptions? Bus { get; internal init; }

    /// <summary>The link toward the bus owner; null for the topmost one.</summary>
    public TopologyLink? Above { get; private set; }

    /// <summary>The links on which this node is bus owner.</summary>
    public IReadOnlyList<TopologyLink> Below => _below;

    /// <summary>EIDs that are needed behind this node; a bridge has one of them on each link below.</summary>
    public int NeededPool => (Bus?.Endpoints ?? 0) + _below.Sum(link => 1 + link.Below.NeededPool) + (Kind == TopologyNodeKind.Bridge ? _below.Count + (Bus is null ? 0 : 1) : 0);

    /// <summary>How many bridges lead here from the bus owner.</summary>
    public int Depth => Above is null ? 0 : Above.Owner.Depth + 1;

    /// <summary>The UUIDs of the endpoints on its own bus.</summary>
    public IEnumerable<Guid> BusUuids => Bus is null ? [] : Enumerable.Range(Bus.FirstAddress, Bus.Endpoints).Select(address => EmulatedBus.UuidAt(Bus, (byte)address));

    internal void Join(TopologyLink link)
    {
        if (ReferenceEquals(link.Below, this)) Above = link;
        else _below.Add(link);
    }
}
