// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Numerics;
using System.Text;
using Busbar.Endpoints;

namespace Busbar.Daemon;

/// <summary>Makes a topology of a file, or says in which line what is wrong with it.</summary>
internal sealed class TopologyReader
{
    private const int MostNodes = 64;
    private const int MostEids = 254 - 8 + 1;
    private const int LongestName = 12;

    private readonly string _file;
    private readonly Dictionary<string, TopologyNode> _nodes = new(StringComparer.Ordinal);
    private readonly List<TopologyLink> _links = [];
    private string _name = "";

    public TopologyReader(string file) => _file = file;

    public Topology Read()
    {
        ConfigurationTable top = ConfigurationFile.LoadTable(_file);
        _name = top.Text("name") ?? Path.GetFileNameWithoutExtension(_file);
        IReadOnlyList<ConfigurationTable> nodes = top.Tables("node");
        if (nodes.Count > MostNodes) throw top.Wrong(nodes[MostNodes].Position, $"there are more than {MostNodes} nodes, each of which is a process; emulate endpoints on buses instead");
        IReadOnlyList<ConfigurationTable> links = top.Tables("link");
        HashSet<string> owners = [.. links.Select(link => link.Text("owner")).OfType<string>()];
        foreach (ConfigurationTable table in nodes) ReadNode(table, owners);
        foreach (ConfigurationTable table in links) ReadLink(table);
        top.RefuseUnknown("");
        TopologyNode[] busOwners = [.. _nodes.Values.Where(node => node.Kind == TopologyNodeKind.BusOwner)];
        if (busOwners.Length != 1)
        {
            throw new ConfigurationException(
                _file,
                busOwners.Length == 0 ? null : busOwners[1].Position,
                busOwners.Length == 0 ? "no node is the bus owner; give the topmost one bus_owner = true" : "there are two bus owners; keep bus_owner = true at the topmost node only");
        }

        foreach (TopologyNode node in _nodes.Values) EnsureReachable(node);
        int eids = 1 + busOwners[0].NeededPool;
        if (eids > MostEids) throw new ConfigurationException(_file, busOwners[0].Position, $"{eids} EIDs are needed, but a network has {MostEids}; have fewer endpoints");
        return new Topology(_name, [.. _nodes.Values], _links);
    }

    private void ReadNode(ConfigurationTable table, HashSet<string> owners)
    {
        string name = table.RequiredText("name", "riser0");
        if (name.Length > LongestName || !name.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '-' or '_'))
            throw table.Wrong(table.PositionOf("name"), $"'{name}' cannot be the name of a node; use 1 to {LongestName} letters, digits, '-' and '_'");
        if (_nodes.TryGetValue(name, out TopologyNode? other)) throw table.Wrong(table.PositionOf("name"), $"there is a node '{name}' in line {other.Position.Line} already; give each its own name");
        bool isBusOwner = table.Boolean("bus_owner") ?? false;
        int endpoints = (int)(table.Number("endpoints", 1, EmulatedBusOptions.MostEndpoints) ?? 0);
        table.RefuseUnknown("[[node]]");
        TopologyNodeKind kind = isBusOwner ? TopologyNodeKind.BusOwner : endpoints != 0 || owners.Contains(name) ? TopologyNodeKind.Bridge : TopologyNodeKind.Endpoint;
        _nodes.Add(name, new TopologyNode(name, kind, UuidOf(name), table.Position)
        {
            Bus = endpoints == 0 ? null : new EmulatedBusOptions { Endpoints = endpoints, Seed = UuidOf($"{name} bus") },
        });
    }

    private void ReadLink(ConfigurationTable table)
    {
        TopologyNode owner = NodeOf(table, "owner");
        TopologyNode below = NodeOf(table, "to");
        TopologyBinding binding = table.Choice(
            "over",
            ("mmbi", TopologyBinding.Mmbi),
            ("mmbi-shm", TopologyBinding.MmbiFile),
            ("serial", TopologyBinding.Serial),
            ("lpc", TopologyBinding.Lpc),
            ("dev", TopologyBinding.Development)) ?? TopologyBinding.Mmbi;
        table.RefuseUnknown("[[link]]");
        if (below.Kind == TopologyNodeKind.BusOwner) throw table.Wrong(table.PositionOf("to"), $"'{below.Name}' is the bus owner, nothing leads to it; exchange 'owner' and 'to'");
        if (below.Above is { } above) throw table.Wrong(table.PositionOf("to"), $"'{below.Name}' is behind '{above.Owner.Name}' already; a node has one link toward the bus owner");
        if (ReferenceEquals(owner, below)) throw table.Wrong(table.PositionOf("to"), $"'{below.Name}' cannot be behind itself; name another node");
        var link = new TopologyLink(below.Name, owner, below, binding);
        owner.Join(link);
        below.Join(link);
        _links.Add(link);
    }

    private TopologyNode NodeOf(ConfigurationTable table, string key)
    {
        string name = table.RequiredText(key, "bmc");
        return _nodes.TryGetValue(name, out TopologyNode? node) ? node : throw table.Wrong(table.PositionOf(key), $"there is no node '{name}'; add a [[node]] of that name, or correct it");
    }

    private void EnsureReachable(TopologyNode node)
    {
        TopologyNode at = node;
        for (int steps = 0; at.Kind != TopologyNodeKind.BusOwner; steps++)
        {
            if (at.Above is null) throw new ConfigurationException(_file, at.Position, $"no link leads to '{at.Name}'; add a [[link]] with to = \"{at.Name}\"");
            if (steps > MostNodes) throw new ConfigurationException(_file, at.Position, $"'{at.Name}' is behind itself; the links must form a tree with the bus owner at its root");
            at = at.Above.Owner;
        }
    }

    // Version 4 in form; a hash of the names in content (FNV-1a, twice), so that a run can be compared with another one. Nothing here is secret.
    private Guid UuidOf(string what)
    {
        byte[] names = Encoding.UTF8.GetBytes($"{_name}\n{what}");
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, Hash(names, 0xCBF29CE484222325));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[8..], Hash(names, 0x84222325CBF29CE4));
        bytes[6] = (byte)((bytes[6] & 0x0F) | 0x40);
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return new Guid(bytes, bigEndian: true);

        static ulong Hash(byte[] text, ulong start)
        {
            ulong hash = start;
            foreach (byte letter in text) hash = (hash ^ letter) * 0x100000001B3;

            // The last letters reach the upper bits, too.
            return hash ^ BitOperations.RotateLeft(hash * 0x9E3779B97F4A7C15, 29);
        }
    }
}
