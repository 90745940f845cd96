// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>One step of a path: it leads to an object, or to others, or both.</summary>
internal sealed class DbusObjectNode
{
    public DbusObjectNode(DbusObjectNode? parent, string name)
    {
        Parent = parent;
        Name = name;
    }

    public DbusObjectNode? Parent { get; }

    public string Name { get; }

    public DbusObject? Object { get; set; }

    public SortedDictionary<string, DbusObjectNode>? Children { get; set; }

    public bool IsEmpty => Object is null && (Children is null || Children.Count == 0);

    /// <summary>All objects below this node, each before those below itself.</summary>
    public IEnumerable<DbusObject> Below()
    {
        if (Children is null) yield break;
        foreach (DbusObjectNode child in Children.Values)
        {
            if (child.Object is not null) yield return child.Object;
            foreach (DbusObject deeper in child.Below()) yield return deeper;
        }
    }
}
