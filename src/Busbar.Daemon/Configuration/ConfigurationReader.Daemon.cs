// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <content>The <c>[daemon]</c> table.</content>
internal sealed partial class ConfigurationReader
{
    private const int MostClients = 65_536;
    private const int LongestSocketName = 107;

    private static DaemonSettings ReadDaemon(ConfigurationTable table)
    {
        var settings = new DaemonSettings();
        string? dbus = table.Text("dbus");
        DbusChoice choice = dbus switch
        {
            null or "system" => DbusChoice.System,
            "session" or "user" => DbusChoice.Session,
            "none" => DbusChoice.None,
            _ when dbus.Contains(':', StringComparison.Ordinal) => DbusChoice.Address,
            _ => throw table.Wrong(table.PositionOf("dbus"), $"dbus = \"{dbus}\" is unknown; use \"system\", \"session\", \"none\" or an address like \"unix:path=/run/bus\""),
        };
        bool? verbose = table.Choice("log_level", ("info", false), ("debug", true));
        var services = new HashSet<string>(StringComparer.Ordinal);
        foreach (TomlValue value in table.List("services"))
        {
            string service = table.TextOf(value, "a service");
            if (service is not ("echo" or "bench")) throw table.Wrong(value.Position, $"there is no service \"{service}\"; known are \"echo\" and \"bench\"");
            services.Add(service);
        }

        settings = settings with
        {
            Socket = SocketName(table, "socket"),
            SocketMode = Mode(table) ?? settings.SocketMode,
            SocketGroup = table.Text("socket_group"),
            Mux = SocketName(table, "mux") ?? settings.Mux,
            MostClients = (int)(table.Number("max_clients", 1, MostClients) ?? settings.MostClients),
            Dbus = choice,
            DbusAddress = choice == DbusChoice.Address ? dbus : null,
            NetworkIdAsInt32 = table.Boolean("network_id_as_int32") ?? false,
            IsVerbose = verbose ?? false,
            OffersEcho = services.Contains("echo"),
            OffersBench = services.Contains("bench"),
            MessageTypes = [.. table.List("message_types").Select(value => new MessageType((byte)table.NumberOf(value, "a message type", 1, 0x7F))).Distinct()],
        };
        table.RefuseUnknown("[daemon]");
        return settings;
    }

    private static string? SocketName(ConfigurationTable table, string key)
    {
        if (table.Text(key) is not { } name) return null;
        if (System.Text.Encoding.UTF8.GetByteCount(name) > LongestSocketName || name.Contains('\0', StringComparison.Ordinal))
            throw table.Wrong(table.PositionOf(key), $"'{key}' is longer than the {LongestSocketName} bytes that a UNIX socket allows; choose a shorter name");
        return name;
    }

    private static UnixFileMode? Mode(ConfigurationTable table)
    {
        if (table.Value("socket_mode") is not { } value) return null;
        int mode = -1;
        if (value is TomlInteger { Value: >= 0 and <= 0x1FF } number) mode = (int)number.Value;
        if (value is TomlString { Value.Length: 3 or 4 } text && text.Value.All(digit => digit is >= '0' and <= '7')) mode = Convert.ToInt32(text.Value, 8);
        return mode is >= 0 and <= 0x1FF ? (UnixFileMode)mode : throw table.Wrong(value.Position, "socket_mode is no file mode; write for instance socket_mode = \"0660\"");
    }
}
