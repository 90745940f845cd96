// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>One connection to the bus, with the objects on it; ends with the connection.</summary>
internal sealed class DbusSession : IDisposable
{
    private readonly DbusTurns _turns;
    private readonly MctpObjects _objects;
    private readonly RootInterfaces _root;
    private readonly IDisposable _leaving;

    public DbusSession(EventLoop loop, DbusConnection connection, NetworkController controller, DbusOptions options, Action<string> note, Action<string> lost)
    {
        Connection = connection;
        connection.HandlerFailed += (where, failure) => note($"D-Bus: {where} failed: {failure.Message}");
        connection.Closed += lost;
        _root = new RootInterfaces(controller, connection, options);

        // Before anybody can register anything, so that no leaving is missed.
        _leaving = connection.WatchLeaving(_root.Forget);
        _objects = new MctpObjects(connection, controller, _root, options);
        _turns = new DbusTurns(loop, connection);
    }

    public DbusConnection Connection { get; }

    public static DbusConnection Open(DbusOptions options, TimeSpan limit)
    {
        if (options.Bus == DbusChoice.Address)
            return DbusConnection.OpenAddress(options.Address ?? throw new ArgumentException("A bus by address needs one.", nameof(options)), limit);
        bool isUser = options.Bus == DbusChoice.Session || Environment.GetEnvironmentVariable("DBUS_STARTER_BUS_TYPE") is "user" or "session";
        return isUser ? DbusConnection.OpenUser(limit) : DbusConnection.OpenSystem(limit);
    }

    /// <summary>Goes once through what clients ask first, refusals included, so that they are answered at once.</summary>
    public void Rehearse()
    {
        const string PropertiesInterface = "org.freedesktop.DBus.Properties";
        foreach (string path in new[] { MctpPaths.Root, $"{MctpPaths.Root}/networks" })
        {
            Connection.Rehearse(path, "org.freedesktop.DBus.Introspectable", "Introspect");
            Connection.Rehearse(path, PropertiesInterface, "GetAll", writer => writer.WriteString("org.busbar.Daemon1"));
        }

        Connection.Rehearse(MctpPaths.Root, "org.freedesktop.DBus.ObjectManager", "GetManagedObjects");
        Connection.Rehearse(
            MctpPaths.Root,
            PropertiesInterface,
            "Get",
            writer =>
            {
                writer.WriteString("org.busbar.Daemon1");
                writer.WriteString("Version");
            });
    }

    public void Dispose()
    {
        _turns.Dispose();
        _objects.Dispose();
        _leaving.Dispose();
        _root.ForgetAll();
        Connection.Dispose();
    }
}
