// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>Makes a configuration of a document: mctpd.conf's keys here, Busbar's own in the other part.</summary>
internal sealed partial class ConfigurationReader
{
    private const int ShortestPollMs = 2500;
    private const int LongestPollMs = 10_000;

    // Whatever the range of the file is: mctpd checks the size against the usual range as well, and files are to be taken as they are.
    private const int LargestPool = 254 - 8;

    private readonly string _file;
    private readonly bool _isBusbar;

    public ConfigurationReader(string file, ConfigurationDialect dialect)
    {
        _file = file;
        _isBusbar = dialect == ConfigurationDialect.Busbar;
    }

    public DaemonConfiguration Read(ConfigurationTable top)
    {
        DaemonConfiguration configuration = ReadRole(top, new DaemonConfiguration { File = _file });
        if (top.Table("mctp") is { } mctp) configuration = ReadMctp(mctp, configuration);
        if (top.Table("bus-owner") is { } owner) configuration = ReadBusOwner(owner, configuration);
        configuration = configuration with { Interfaces = [.. top.Tables("interface").Select(ReadInterface)] };
        if (_isBusbar) configuration = ReadOwn(top, configuration);
        top.RefuseUnknown("", _isBusbar ? null : s_ownKeys);
        return configuration;
    }

    private static DaemonConfiguration ReadRole(ConfigurationTable top, DaemonConfiguration configuration)
    {
        LinkRole? role = Role(top, "role");
        LinkRole? mode = Role(top, "mode");
        if (role is not null && mode is not null && role != mode)
            throw top.Wrong(top.PositionOf("mode"), "'mode' is the old name of 'role', and the two differ; keep 'role' only");
        return configuration with { Role = role ?? mode ?? LinkRole.BusOwner };

        static LinkRole? Role(ConfigurationTable table, string key) =>
            table.Choice(key, ("bus-owner", LinkRole.BusOwner), ("endpoint", LinkRole.Endpoint), ("unknown", LinkRole.Unknown));
    }

    private static DaemonConfiguration ReadMctp(ConfigurationTable table, DaemonConfiguration configuration)
    {
        if (table.Number("message_timeout_ms", 1, 100_000) is { } timeout) configuration = configuration with { MessageTimeout = TimeSpan.FromMilliseconds(timeout) };
        if (table.Text("uuid") is { } text)
        {
            if (!Guid.TryParseExact(text, "D", out Guid uuid))
                throw table.Wrong(table.PositionOf("uuid"), $"uuid = \"{text}\" is no UUID; write one like \"21f0f554-7f7c-4211-9ca1-6d0f000ea9e7\"");
            configuration = configuration with { Uuid = uuid };
        }

        table.RefuseUnknown("[mctp]");
        return configuration;
    }

    private DaemonConfiguration ReadBusOwner(ConfigurationTable table, DaemonConfiguration configuration)
    {
        if (table.Value("dynamic_eid_range") is { } range)
        {
            if (range is not TomlArray { Items.Count: 2 } pair) throw table.Wrong(range.Position, "dynamic_eid_range takes two numbers; write for instance dynamic_eid_range = [8, 254]");
            long first = table.NumberOf(pair.Items[0], "the first EID", 8, 254);
            long last = table.NumberOf(pair.Items[1], "the last EID", 8, 254);
            if (first > last) throw table.Wrong(range.Position, $"dynamic_eid_range begins at {first}, behind its end {last}; write the smaller number first");
            configuration = configuration with { DynamicFirst = new Eid((byte)first), DynamicLast = new Eid((byte)last) };
        }

        if (table.Number("max_pool_size", 1, LargestPool) is { } pool) configuration = configuration with { MaximumPoolSize = (int)pool };
        if (table.Number("endpoint_poll_ms", 0, LongestPollMs) is { } poll)
        {
            if (poll is > 0 and < ShortestPollMs)
                throw table.Wrong(table.PositionOf("endpoint_poll_ms"), $"endpoint_poll_ms is {poll}; it must be 0 (off) or from {ShortestPollMs} to {LongestPollMs}");
            configuration = configuration with { EndpointPoll = TimeSpan.FromMilliseconds(poll) };
        }

        if (_isBusbar) configuration = ReadOwnBusOwner(table, configuration);
        table.RefuseUnknown("[bus-owner]", _isBusbar ? null : s_ownBusOwnerKeys);
        return configuration;
    }

    private static InterfaceRule ReadInterface(ConfigurationTable table)
    {
        LinkRole? role = table.Text("role") switch
        {
            null => null,
            "bus-owner" => LinkRole.BusOwner,
            "endpoint" => LinkRole.Endpoint,
            var other => throw table.Wrong(table.PositionOf("role"), $"role = \"{other}\" cannot be the role of an interface; use \"bus-owner\" or \"endpoint\""),
        };
        TomlValue match = table.Value("match")
            ?? throw table.Wrong(table.Position, "'match' is missing in [[interface]]; write match = \"all\", match = { phys-type = \"I2C\" } or match = { path = \"/devices/…\" }");
        table.RefuseUnknown("[[interface]]");
        return match switch
        {
            TomlString { Value: "all" } => new InterfaceRule { Kind = InterfaceMatchKind.All, Role = role },
            TomlTable rules => ReadMatch(new ConfigurationTable(table.File, rules), rules) with { Role = role },
            _ => throw table.Wrong(match.Position, "match is neither \"all\" nor a table; write match = \"all\", match = { phys-type = \"I2C\" } or match = { path = \"/devices/…\" }"),
        };
    }

    private static InterfaceRule ReadMatch(ConfigurationTable table, TomlTable rules)
    {
        string? type = table.Text("phys-type");
        string? path = table.Text("path");
        table.RefuseUnknown("match");
        if (type is not null && path is not null || rules.Keys.Count == 0)
            throw table.Wrong(table.Position, "match takes exactly one of phys-type and path; write two [[interface]] tables for two of them");
        if (path is not null) return new InterfaceRule { Kind = InterfaceMatchKind.Path, Path = path };
        PhysicalBinding binding = type!.ToUpperInvariant() switch
        {
            "SMBUS" or "I2C" => PhysicalBinding.Smbus,
            "PCIE" => PhysicalBinding.PcieVdm,
            "USB" => PhysicalBinding.Usb,
            "KCS" => PhysicalBinding.Kcs,
            "SERIAL" => PhysicalBinding.Serial,
            "I3C" => PhysicalBinding.I3c,
            "MMBI" => PhysicalBinding.Mmbi,
            "UCIE" => PhysicalBinding.Ucie,
            _ => throw table.Wrong(table.PositionOf("phys-type"), $"phys-type = \"{type}\" is unknown; use SMBus, I2C, PCIe, USB, KCS, serial, I3C, MMBI or UCIe"),
        };
        return new InterfaceRule { Kind = InterfaceMatchKind.Binding, Binding = binding };
    }
}
