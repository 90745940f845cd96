// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>
/// A network to be built: a tree of nodes with the bus owner at its root. Read from a TOML file with one <c>[[node]]</c> for each process and one <c>[[link]]</c> for each link.
/// </summary>
public sealed class Topology
{
    internal Topology(string name, IReadOnlyList<TopologyNode> nodes, IReadOnlyList<TopologyLink> links)
    {
        Name = name;
        Nodes = nodes;
        Links = links;
    }

    /// <summary>What people call it.</summary>
    public string Name { get; }

    /// <summary>The nodes, as the file has them.</summary>
    public IReadOnlyList<TopologyNode> Nodes { get; }

    /// <summary>The links, as the file has them.</summary>
    public IReadOnlyList<TopologyLink> Links { get; }

    /// <summary>The node that assigns all EIDs.</summary>
    public TopologyNode BusOwner => Nodes.First(node => node.Kind == TopologyNodeKind.BusOwner);

    /// <summary>Everybody but the bus owner: UUID, and what people call it.</summary>
    public IReadOnlyDictionary<Guid, string> Expected
    {
        get
        {
            var expected = new Dictionary<Guid, string>();
            foreach (TopologyNode node in Nodes)
            {
                if (node.Kind != TopologyNodeKind.BusOwner) expected.Add(node.Uuid, node.Name);
                int number = 0;
                foreach (Guid uuid in node.BusUuids) expected.Add(uuid, $"{node.Name}.{number++}");
            }

            return expected;
        }
    }

    /// <summary>Reads and checks a file.</summary>
    /// <param name="file">Its path.</param>
    /// <exception cref="ConfigurationException">It cannot be read, or what it describes cannot be built; with line, column and remedy.</exception>
    public static Topology Load(string file) => new TopologyReader(file).Read();
}
