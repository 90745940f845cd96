// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>An object in the tree: a path and its interfaces.</summary>
internal sealed class DbusObject
{
    public DbusObject(string path) => Path = path;

    public string Path { get; }

    /// <summary>True when the object lists those below it (ObjectManager of the D-Bus specification).</summary>
    public bool IsManager { get; set; }

    public List<(DbusInterface Kind, object Target)> Interfaces { get; } = [];

    public (DbusInterface Kind, object Target)? Find(string name)
    {
        foreach ((DbusInterface Kind, object Target) each in Interfaces)
        {
            if (each.Kind.Name == name) return each;
        }

        return null;
    }
}
