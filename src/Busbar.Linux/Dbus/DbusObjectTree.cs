// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>The objects that a connection offers. It answers introspection, properties and object listings itself, and tells listeners of what comes and goes.</summary>
/// <remarks>The thread of the connection.</remarks>
public sealed partial class DbusObjectTree
{
    private const string PropertiesInterface = "org.freedesktop.DBus.Properties";
    private const string ManagerInterface = "org.freedesktop.DBus.ObjectManager";
    private const string IntrospectionInterface = "org.freedesktop.DBus.Introspectable";

    private readonly DbusConnection _connection;
    private readonly DbusObjectNode _root = new(parent: null, "");

    internal DbusObjectTree(DbusConnection connection) => _connection = connection;

    /// <summary>Called before each call is looked at: the last chance to bring the tree up to date.</summary>
    public Action? Settle { get; set; }

    /// <summary>Asked when a call names an object that is not there; when the task ends, the call looks once more. Null refuses at once.</summary>
    public Func<string, Task>? Missing { get; set; }

    /// <summary>How many objects there are.</summary>
    public int Count { get; private set; }

    /// <summary>Whether there is an object.</summary>
    /// <param name="path">Its path.</param>
    public bool Contains(string path) => Find(path)?.Object is not null;

    /// <summary>Whether there is an object with an interface.</summary>
    /// <param name="path">The object's path.</param>
    /// <param name="kind">The interface.</param>
    public bool Contains(string path, DbusInterface kind) => Find(path)?.Object?.Interfaces.Exists(each => each.Kind == kind) ?? false;

    /// <summary>Makes an object one that lists those below it and announces them; such an object exists even without interfaces of its own.</summary>
    /// <param name="path">Its path.</param>
    public void AddManager(string path) => ObjectAt(path).IsManager = true;

    /// <summary>Adds interfaces to an object, which is made when it is not there yet, and announces them at the object's manager, all in one signal.</summary>
    /// <param name="path">The object's path.</param>
    /// <param name="interfaces">The interfaces, and what stands behind each.</param>
    public void Add(string path, params ReadOnlySpan<(DbusInterface Kind, object Target)> interfaces)
    {
        DbusObject target = ObjectAt(path);
        foreach ((DbusInterface Kind, object Target) each in interfaces)
        {
            if (target.Find(each.Kind.Name) is not null) throw new InvalidOperationException($"{path} has {each.Kind.Name} already.");
            target.Interfaces.Add(each);
        }

        if (ManagerOf(path) is not { } manager) return;
        (DbusInterface Kind, object Target)[] added = interfaces.ToArray();
        _connection.EmitSignal(
            manager,
            ManagerInterface,
            "InterfacesAdded",
            writer =>
            {
                writer.WriteObjectPath(path);
                WriteInterfaces(writer, added);
            });
    }

    /// <summary>Takes an object away and announces that.</summary>
    /// <param name="path">Its path; nothing happens when there is none.</param>
    public void Remove(string path)
    {
        if (Find(path) is not { Object: { } target } node) return;
        node.Object = null;
        Count--;
        Prune(node);
        AnnounceRemoval(path, [.. target.Interfaces.Select(each => each.Kind.Name)]);
    }

    /// <summary>Takes an interface away from an object and announces that.</summary>
    /// <param name="path">The object's path; nothing happens when there is none.</param>
    /// <param name="kind">The interface; nothing happens when the object has it not.</param>
    public void Remove(string path, DbusInterface kind)
    {
        if (Find(path)?.Object is not { } target) return;
        if (target.Interfaces.RemoveAll(each => each.Kind == kind) != 0) AnnounceRemoval(path, [kind.Name]);
    }

    /// <summary>Tells listeners the values that properties have now.</summary>
    /// <param name="path">The object's path; nothing happens when there is none.</param>
    /// <param name="kind">The interface; nothing happens when the object has it not.</param>
    /// <param name="properties">Names of properties that emit their changes.</param>
    public void NotifyChanged(string path, DbusInterface kind, params string[] properties)
    {
        ArgumentNullException.ThrowIfNull(kind);
        if (Find(path)?.Object?.Find(kind.Name) is not { } found) return;
        _connection.EmitSignal(
            path,
            PropertiesInterface,
            "PropertiesChanged",
            writer =>
            {
                writer.WriteString(kind.Name);
                writer.OpenArray("{sv}");
                foreach (string name in properties)
                {
                    DbusProperty property = kind.FindProperty(name) ?? throw new ArgumentException($"{kind.Name} has no property {name}.", nameof(properties));
                    WriteEntry(writer, found.Kind, found.Target, property);
                }

                writer.Close();
                writer.OpenArray("s");
                writer.Close();
            });
    }

    private static void WriteInterfaces(DbusWriter writer, IEnumerable<(DbusInterface Kind, object Target)> interfaces)
    {
        writer.OpenArray("{sa{sv}}");
        foreach ((DbusInterface kind, object target) in interfaces)
        {
            writer.OpenEntry("sa{sv}");
            writer.WriteString(kind.Name);
            WriteProperties(writer, kind, target);
            writer.Close();
        }

        writer.Close();
    }

    private static void WriteProperties(DbusWriter writer, DbusInterface kind, object target)
    {
        writer.OpenArray("{sv}");
        foreach (DbusProperty property in kind.Properties()) WriteEntry(writer, kind, target, property);
        writer.Close();
    }

    private static void WriteEntry(DbusWriter writer, DbusInterface kind, object target, DbusProperty property)
    {
        writer.OpenEntry("sv");
        writer.WriteString(property.Name);
        writer.OpenVariant(property.Signature);
        kind.Read(target, property, writer);
        writer.Close();
        writer.Close();
    }

    private static void Prune(DbusObjectNode node)
    {
        while (node is { IsEmpty: true, Parent: { } parent })
        {
            parent.Children!.Remove(node.Name);
            node = parent;
        }
    }

    private void AnnounceRemoval(string path, string[] interfaces)
    {
        if (interfaces.Length == 0 || ManagerOf(path) is not { } manager) return;
        _connection.EmitSignal(
            manager,
            ManagerInterface,
            "InterfacesRemoved",
            writer =>
            {
                writer.WriteObjectPath(path);
                writer.OpenArray("s");
                foreach (string name in interfaces) writer.WriteString(name);
                writer.Close();
            });
    }

    private DbusObject ObjectAt(string path)
    {
        if (path.Length == 0 || path[0] != '/') throw new ArgumentException($"'{path}' is no object path.", nameof(path));
        DbusObjectNode node = _root;
        foreach (string step in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            node.Children ??= new SortedDictionary<string, DbusObjectNode>(StringComparer.Ordinal);
            if (!node.Children.TryGetValue(step, out DbusObjectNode? child)) node.Children.Add(step, child = new DbusObjectNode(node, step));
            node = child;
        }

        if (node.Object is not null) return node.Object;
        Count++;
        return node.Object = new DbusObject(path);
    }

    private DbusObjectNode? Find(string path)
    {
        DbusObjectNode? node = _root;
        foreach (Range step in path.AsSpan().Split('/'))
        {
            ReadOnlySpan<char> name = path.AsSpan()[step];
            if (name.IsEmpty) continue;
            if (node.Children is null || !node.Children.TryGetValue(name.ToString(), out node)) return null;
        }

        return node;
    }

    // The nearest manager above an object; a manager does not announce itself. The object, and even the branch that led to it, may be gone already.
    private string? ManagerOf(string path)
    {
        string? manager = null;
        DbusObjectNode? node = _root;
        foreach (string step in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
        {
            if (node.Object is { IsManager: true } found) manager = found.Path;
            if (node.Children is null || !node.Children.TryGetValue(step, out node)) break;
        }

        return manager;
    }
}
