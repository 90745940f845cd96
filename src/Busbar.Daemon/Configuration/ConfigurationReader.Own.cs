// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.ControlPlane;
using Busbar.Endpoints;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon;

/// <content>Busbar's own keys.</content>
internal sealed partial class ConfigurationReader
{
    private const int SmallestMtu = 68;
    private const int LargestMtu = 65_540;
    private const int MostLinks = 1024;
    private const int MostScanned = 256;

    private static readonly string[] s_ownKeys = ["backend", "forward", "link", "route", "neighbour", "daemon"];
    private static readonly string[] s_ownBusOwnerKeys = ["discover", "wanted_pool_size", "reservations"];

    private DaemonConfiguration ReadOwn(ConfigurationTable top, DaemonConfiguration configuration)
    {
        DaemonBackend? backend = top.Choice("backend", ("user", DaemonBackend.User), ("kernel", DaemonBackend.Kernel));
        IReadOnlyList<ConfigurationTable> links = top.Tables("link");
        if (links.Count > MostLinks) throw top.Wrong(links[MostLinks].Position, $"there are more than {MostLinks} links; run several daemons");

        // A file of mctpd has no links, and means the kernel's.
        configuration = configuration with
        {
            Backend = backend ?? (links.Count == 0 ? DaemonBackend.Kernel : DaemonBackend.User),
            Forwards = top.Boolean("forward") ?? true,
        };
        var names = new Dictionary<string, TomlPosition>(StringComparer.Ordinal);
        configuration = configuration with { Links = [.. links.Select(link => ReadLink(link, configuration.Backend, names))] };
        configuration = configuration with
        {
            Routes = [.. top.Tables("route").Select(route => ReadRoute(route, configuration))],
            Neighbours = [.. top.Tables("neighbour").Select(neighbour => ReadPlace(neighbour, "[[neighbour]]", configuration))],
        };
        foreach (NeighbourSettings reservation in configuration.Reservations)
        {
            if (configuration.Backend == DaemonBackend.User && !names.ContainsKey(reservation.Link))
                throw new ConfigurationException(_file, top.PositionOf("bus-owner"), $"reservations name the link '{reservation.Link}', which no [[link]] defines; add it or correct the name");
        }

        return top.Table("daemon") is { } daemon ? configuration with { Daemon = ReadDaemon(daemon) } : configuration;
    }

    private DaemonConfiguration ReadOwnBusOwner(ConfigurationTable table, DaemonConfiguration configuration)
    {
        var taken = new HashSet<(string Link, Eid Eid)>();
        var reservations = new List<NeighbourSettings>();
        foreach (ConfigurationTable entry in table.Tables("reservations"))
        {
            NeighbourSettings reservation = ReadPlace(entry, "reservations", configuration: null);
            if (!taken.Add((reservation.Link, reservation.Eid)))
                throw entry.Wrong(entry.PositionOf("eid"), $"EID {reservation.Eid} is reserved twice on '{reservation.Link}'; give each endpoint its own");
            reservations.Add(reservation);
        }

        return configuration with
        {
            Discovers = table.Boolean("discover") ?? false,
            WantedPoolSize = (int?)table.Number("wanted_pool_size", 0, LargestPool),
            Reservations = reservations,
        };
    }

    private static LinkSettings ReadLink(ConfigurationTable table, DaemonBackend backend, Dictionary<string, TomlPosition> names)
    {
        string name = table.RequiredText("name", "mmbi0");
        if (!InterfaceName.IsValid(name))
            throw table.Wrong(table.PositionOf("name"), $"'{name}' cannot be the name of a link; use 1 to 15 letters, digits and signs without blanks, '/', ':' and '%'");
        if (names.TryGetValue(name, out TomlPosition first)) throw table.Wrong(table.PositionOf("name"), $"there is a link '{name}' in line {first.Line} already; give each its own name");
        names.Add(name, table.PositionOf("name"));
        LinkSpec? spec = null;
        EmulatedBusOptions? emulated = null;
        if (table.Table("emulate") is { } emulate)
        {
            if (backend != DaemonBackend.User)
                throw table.Wrong(table.PositionOf("emulate"), "the links of backend = \"kernel\" are the kernel's interfaces; remove 'emulate', or use backend = \"user\"");
            if (table.Text("link") is not null) throw table.Wrong(table.PositionOf("link"), "a link leads somewhere or is emulated, not both; remove 'link' or 'emulate'");
            emulated = ReadEmulated(emulate);
        }
        else if (backend == DaemonBackend.User)
        {
            string text = table.RequiredText("link", "mmbi:shm:/dev/shm/mmbi0");
            if (!LinkSpecParser.TryParse(text, out spec, out string? error)) throw table.Wrong(table.PositionOf("link"), error);
        }
        else if (table.Text("link") is not null)
        {
            throw table.Wrong(table.PositionOf("link"), "the links of backend = \"kernel\" are the kernel's interfaces; remove 'link', or use backend = \"user\"");
        }

        var addresses = new List<Eid>();
        foreach (TomlValue value in table.List("addresses"))
        {
            var eid = new Eid((byte)table.NumberOf(value, "an address", 8, 254));
            if (addresses.Contains(eid)) throw table.Wrong(value.Position, $"the address {eid} is given twice; remove one");
            addresses.Add(eid);
        }

        var settings = new LinkSettings
        {
            Name = name,
            Spec = spec,
            Emulated = emulated,
            Network = (uint?)table.Number("network", 1, uint.MaxValue),
            Role = table.Choice("role", ("bus-owner", LinkRole.BusOwner), ("endpoint", LinkRole.Endpoint), ("unknown", LinkRole.Unknown)),
            Mtu = (int?)table.Number("mtu", SmallestMtu, LargestMtu),
            Addresses = addresses,
            Scan = emulated is null || table.Value("scan") is not null ? ReadScan(table) : AddressesOf(emulated),
            Position = table.Position,
        };
        table.RefuseUnknown("[[link]]");
        return settings;
    }

    private static EmulatedBusOptions ReadEmulated(ConfigurationTable table)
    {
        var usual = new EmulatedBusOptions();
        int endpoints = (int)(table.Number("endpoints", 1, EmulatedBusOptions.MostEndpoints) ?? throw table.Wrong(table.Position, "'endpoints' is missing in emulate; write for instance emulate = { endpoints = 4 }"));
        Guid? uuid = null;
        if (table.Text("uuid") is { } text)
            uuid = Guid.TryParseExact(text, "D", out Guid parsed) ? parsed : throw table.Wrong(table.PositionOf("uuid"), $"uuid = \"{text}\" is no UUID; the endpoints' UUIDs are made from it");
        EmulatedBusOptions options = usual with
        {
            Endpoints = endpoints,
            FirstAddress = (byte)(table.Number("first_address", 1, 0x77) ?? usual.FirstAddress),
            Mtu = (int)(table.Number("mtu", SmallestMtu, LargestMtu) ?? usual.Mtu),

            // The same file makes the same devices, whenever the daemon starts.
            Seed = uuid ?? new Guid("6ed2f2a6-3f7c-4c0e-9d4f-1a5be5d50000"),
        };
        int last = options.FirstAddress + endpoints - 1;
        if (last > 0x77) throw table.Wrong(table.Position, $"{endpoints} endpoints from address 0x{options.FirstAddress:x2} end at 0x{last:x2}, behind the last one, 0x77; start lower or have fewer");
        if (options.OwnAddress >= options.FirstAddress && options.OwnAddress <= last)
            throw table.Wrong(table.PositionOf("first_address"), $"address 0x{options.OwnAddress:x2} is the daemon's own on an emulated bus; start behind it");
        table.RefuseUnknown("emulate");
        return options;
    }

    private static List<PhysicalAddress> AddressesOf(EmulatedBusOptions emulated) =>
        [.. Enumerable.Range(emulated.FirstAddress, emulated.Endpoints).Select(address => new PhysicalAddress([(byte)address]))];

    private static List<PhysicalAddress> ReadScan(ConfigurationTable table)
    {
        var scanned = new List<PhysicalAddress>();
        foreach (TomlValue value in table.List("scan"))
        {
            string text = table.TextOf(value, "an entry of scan");
            int dash = text.IndexOf('-');
            if (dash < 0)
            {
                scanned.Add(Address(table, value.Position, text));
            }
            else if (TryParseByte(text[..dash], out byte first) && TryParseByte(text[(dash + 1)..], out byte last) && first <= last)
            {
                for (int address = first; address <= last; address++) scanned.Add(new PhysicalAddress([(byte)address]));
            }
            else
            {
                throw table.Wrong(value.Position, $"'{text}' is no range of addresses; write for instance \"0x10-0x1f\", or one address like \"0x1d\" or \"07:ec:80\"");
            }

            if (scanned.Count > MostScanned) throw table.Wrong(value.Position, $"scan names more than {MostScanned} addresses; name fewer");
        }

        return scanned;
    }

    private static RouteSettings ReadRoute(ConfigurationTable table, DaemonConfiguration configuration)
    {
        (Eid first, Eid last) = ReadEids(table);
        string? link = table.Text("via");
        Eid gateway = table.Eid("gateway") ?? Eid.Null;
        long? network = table.Number("network", 1, uint.MaxValue);
        int mtu = (int)(table.Number("mtu", SmallestMtu, LargestMtu) ?? 0);
        table.RefuseUnknown("[[route]]");
        if (link is null == (gateway == Eid.Null)) throw table.Wrong(table.Position, "a route takes exactly one of via = \"LINK\" and gateway = EID");
        if (link is not null) EnsureLink(table, "via", link, configuration);
        if (link is not null && network is not null) throw table.Wrong(table.PositionOf("network"), "a route via a link is part of that link's network; remove 'network'");
        return new RouteSettings(first, last, link, gateway, (uint)(network ?? 1), mtu);
    }

    private static (Eid First, Eid Last) ReadEids(ConfigurationTable table)
    {
        TomlValue value = table.Value("eids") ?? throw table.Wrong(table.Position, "'eids' is missing in [[route]]; write eids = 20 or eids = \"20-29\"");
        if (value is TomlInteger)
        {
            var one = new Eid((byte)table.NumberOf(value, "'eids'", 8, 254));
            return (one, one);
        }

        string[] ends = table.TextOf(value, "'eids'").Split('-');
        if (ends.Length <= 2 && TryParseByte(ends[0], out byte first) && TryParseByte(ends[^1], out byte last) && first >= 8 && last <= 254 && first <= last)
            return (new Eid(first), new Eid(last));
        throw table.Wrong(value.Position, "'eids' is no range of EIDs from 8 to 254; write eids = 20 or eids = \"20-29\"");
    }

    private static NeighbourSettings ReadPlace(ConfigurationTable table, string where, DaemonConfiguration? configuration)
    {
        string link = table.RequiredText("link", "mctpi2c1");
        Eid eid = table.Eid("eid") ?? throw table.Wrong(table.Position, $"'eid' is missing in {where}; write for instance eid = 20");
        string text = table.Text("address") ?? "";
        if (configuration is not null && text.Length == 0) throw table.Wrong(table.Position, $"'address' is missing in {where}; write for instance address = \"0x1d\"");
        PhysicalAddress address = text.Length == 0 ? default : Address(table, table.PositionOf("address"), text);
        table.RefuseUnknown(where);
        if (configuration is not null) EnsureLink(table, "link", link, configuration);
        return new NeighbourSettings(link, eid, address);
    }

    private static void EnsureLink(ConfigurationTable table, string key, string name, DaemonConfiguration configuration)
    {
        if (configuration.Backend == DaemonBackend.User && configuration.Links.All(link => link.Name != name))
            throw table.Wrong(table.PositionOf(key), $"there is no [[link]] named '{name}'; known are {string.Join(", ", configuration.Links.Select(link => link.Name))}");
    }

    private static PhysicalAddress Address(ConfigurationTable table, TomlPosition position, string text)
    {
        if (TryParseByte(text, out byte single) && text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)) return new PhysicalAddress([single]);
        string[] parts = text.Split(':');
        byte[] bytes = new byte[parts.Length];
        bool good = parts.Length <= PhysicalAddress.MaximumLength;
        for (int i = 0; i < parts.Length && good; i++)
            good = byte.TryParse(parts[i], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i]);
        return good ? new PhysicalAddress(bytes) : throw table.Wrong(position, $"'{text}' is no physical address; write one byte like \"0x1d\", or several like \"07:ec:80\"");
    }

    // Decimal, or hexadecimal behind 0x.
    private static bool TryParseByte(string text, out byte value) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? byte.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        : byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
}
