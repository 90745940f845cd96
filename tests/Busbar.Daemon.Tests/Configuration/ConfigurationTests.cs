// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Daemon;
using Busbar.Mctp;

namespace Busbar.Daemon.Tests;

public sealed class ConfigurationTests
{
    private const string Full = """
        backend = "user"
        role = "bus-owner"
        forward = false

        [mctp]
        message_timeout_ms = 30
        uuid = "21f0f554-7f7c-4211-9ca1-6d0f000ea9e7"

        [bus-owner]
        dynamic_eid_range = [20, 0x64]
        max_pool_size = 10
        endpoint_poll_ms = 2500
        discover = true
        wanted_pool_size = 20
        reservations = [ { link = "host0", eid = 30 }, { link = "bmc0", eid = 31, address = "0x1d" } ]

        [[link]]
        name = "host0"
        link = "mmbi:shm:/dev/shm/host0,size=64K"
        network = 2
        role = "endpoint"
        mtu = 128
        addresses = [8, 9]

        [[link]]
        name = "bmc0"
        link = "mmbi:ivshmem:/run/bmc0.sock"
        scan = ["0x10-0x12", "07:ec:80"]

        [[route]]
        eids = "40-49"
        via = "host0"
        mtu = 68

        [[route]]
        eids = 50
        gateway = 12
        network = 2

        [[neighbour]]
        link = "bmc0"
        eid = 60
        address = "0x1d"

        [daemon]
        socket = "/run/x.sock"
        socket_mode = "0600"
        mux = ""
        dbus = "none"
        log_level = "debug"
        services = ["echo", "bench"]
        message_types = [1, 0x05]
        max_clients = 7
        """;

    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "rol = \"endpoint\"", "f:1:1: ", "did you mean 'role'?" },
        { "role = \"owner\"", "f:1:8: ", "use \"bus-owner\" or \"endpoint\" or \"unknown\"" },
        { "role = 1", "f:1:8: ", "write it in quotes" },
        { "role = \"endpoint\"\nmode = \"bus-owner\"", "f:2:8: ", "keep 'role' only" },
        { "[mctp]\nmessage_timeout_ms = 0", "f:2:22: ", "from 1 to 100000" },
        { "[mctp]\nmessage_timeout_ms = \"30\"", "f:2:22: ", "without quotes" },
        { "[mctp]\nmessage_timeout = 30", "f:2:1: ", "did you mean 'message_timeout_ms'?" },
        { "[mctp]\nuuid = \"21f0\"", "f:2:8: ", "is no UUID" },
        { "mctp = 1", "f:1:8: ", "write [mctp]" },
        { "[bus-owner]\ndynamic_eid_range = [8]", "f:2:21: ", "takes two numbers" },
        { "[bus-owner]\ndynamic_eid_range = [7, 20]", "f:2:22: ", "from 8 to 254" },
        { "[bus-owner]\ndynamic_eid_range = [30, 20]", "f:2:21: ", "smaller number first" },
        { "[bus-owner]\nmax_pool_size = 247", "f:2:17: ", "from 1 to 246" },
        { "[bus-owner]\nmax_pool_size = 0", "f:2:17: ", "from 1 to 246" },
        { "[bus-owner]\nendpoint_poll_ms = 100", "f:2:20: ", "0 (off) or from 2500 to 10000" },
        { "[bus-owner]\nendpoint_poll_ms = 10001", "f:2:20: ", "from 0 to 10000" },
        { "[[interface]]\nrole = \"endpoint\"", "f:1:1: ", "'match' is missing" },
        { "[[interface]]\nmatch = \"any\"", "f:2:9: ", "neither \"all\" nor a table" },
        { "[[interface]]\nmatch = { }", "f:2:9: ", "exactly one of" },
        { "[[interface]]\nmatch = { path = \"x\", phys-type = \"I2C\" }", "f:2:9: ", "exactly one of" },
        { "[[interface]]\nmatch = { phys-type = \"ISA\" }", "f:2:23: ", "use SMBus" },
        { "[[interface]]\nmatch = \"all\"\nrole = \"unknown\"", "f:3:8: ", "cannot be the role of an interface" },
        { "[interface]\nmatch = \"all\"", "f:1:1: ", "write [[interface]]" },
        { "a = \"x", "f:1:5: ", "not closed" },
    };

    public static TheoryData<string, string, string> OwnMistakes => new()
    {
        { "backend = \"both\"", "f:1:11: ", "use \"user\" or \"kernel\"" },
        { "[[link]]\nlink = \"mmbi:shm:/x\"", "f:1:1: ", "'name' is missing" },
        { "[[link]]\nname = \"a b\"\nlink = \"mmbi:shm:/x\"", "f:2:8: ", "cannot be the name" },
        { "[[link]]\nname = \"a\"", "f:1:1: ", "'link' is missing" },
        { "[[link]]\nname = \"a\"\nlink = \"token-ring:x\"", "f:3:8: ", "token-ring" },
        { "backend = \"kernel\"\n[[link]]\nname = \"a\"\nlink = \"mmbi:shm:/x\"", "f:4:8: ", "remove 'link'" },
        { "[[link]]\nname = \"a\"\nlink = \"mmbi:shm:/x\"\n[[link]]\nname = \"a\"\nlink = \"mmbi:shm:/y\"", "f:5:8: ", "in line 2 already" },
        { "[[link]]\nname = \"a\"\nlink = \"mmbi:shm:/x\"\naddresses = [8, 8]", "f:4:17: ", "given twice" },
        { "[[link]]\nname = \"a\"\nlink = \"mmbi:shm:/x\"\naddresses = [255]", "f:4:14: ", "from 8 to 254" },
        { "[[link]]\nname = \"a\"\nlink = \"mmbi:shm:/x\"\nscan = [\"0x20-0x10\"]", "f:4:9: ", "no range of addresses" },
        { "[[link]]\nname = \"a\"\nlink = \"mmbi:shm:/x\"\nmtu = 67", "f:4:7: ", "from 68" },
        { "[[link]]\nname = \"a\"\nlink = \"mmbi:shm:/x\"\nadress = 8", "f:4:1: ", "did you mean 'addresses'?" },
        { "[[link]]\nname = \"a\"\nlink = \"mmbi:shm:/x\"\n[[route]]\neids = 9\nvia = \"b\"", "f:6:7: ", "no [[link]] named 'b'" },
        { "[[route]]\neids = 9", "f:1:1: ", "exactly one of via" },
        { "[[route]]\neids = \"9-300\"\ngateway = 8", "f:2:8: ", "no range of EIDs" },
        { "[[neighbour]]\nlink = \"x\"\neid = 9", "f:1:1: ", "'address' is missing" },
        { "[daemon]\ndbus = \"bus\"", "f:2:8: ", "use \"system\"" },
        { "[daemon]\nsocket_mode = \"rw\"", "f:2:15: ", "no file mode" },
        { "[daemon]\nservices = [\"telnet\"]", "f:2:13: ", "no service \"telnet\"" },
        { "[daemon]\nmux = 1", "f:2:7: ", "in quotes" },
    };

    [Fact]
    public void Parse_NothingAtAll_GivesTheDefaultsOfMctpd()
    {
        DaemonConfiguration configuration = ConfigurationFile.Parse("", "f", ConfigurationDialect.Mctpd);

        Assert.Equal(LinkRole.BusOwner, configuration.Role);
        Assert.Equal(TimeSpan.FromMilliseconds(250), configuration.MessageTimeout);
        Assert.Equal((new Eid(8), new Eid(254), 15), (configuration.DynamicFirst, configuration.DynamicLast, configuration.MaximumPoolSize));
        Assert.Equal(TimeSpan.Zero, configuration.EndpointPoll);
        Assert.Null(configuration.Uuid);
        Assert.Equal(DaemonBackend.Kernel, configuration.Backend);
    }

    [Fact]
    public void Parse_OldNameOfRole_IsTaken() =>
        Assert.Equal(LinkRole.Endpoint, ConfigurationFile.Parse("mode = \"endpoint\"", "f", ConfigurationDialect.Mctpd).Role);

    [Fact]
    public void Parse_EverythingOfOurs_IsUnderstood()
    {
        DaemonConfiguration configuration = ConfigurationFile.Parse(Full, "f", ConfigurationDialect.Busbar);

        Assert.Equal(DaemonBackend.User, configuration.Backend);
        Assert.False(configuration.Forwards);
        Assert.Equal(Guid.Parse("21f0f554-7f7c-4211-9ca1-6d0f000ea9e7"), configuration.Uuid);
        Assert.Equal((new Eid(20), new Eid(100), 10), (configuration.DynamicFirst, configuration.DynamicLast, configuration.MaximumPoolSize));
        Assert.True(configuration.Discovers);
        Assert.Equal(20, configuration.WantedPoolSize);
        Assert.Equal([new("host0", new Eid(30), default), new("bmc0", new Eid(31), new PhysicalAddress([0x1d]))], configuration.Reservations);
        LinkSettings host = configuration.Links[0];
        Assert.Equal(("host0", 2u, LinkRole.Endpoint, 128), (host.Name, host.Network, host.Role, host.Mtu));
        Assert.Equal([new Eid(8), new Eid(9)], host.Addresses);
        Assert.Equal(["10", "11", "12", "07:ec:80"], configuration.Links[1].Scan.Select(address => address.ToString()));
        Assert.Equal([new(new Eid(40), new Eid(49), "host0", Eid.Null, 1, 68), new(new Eid(50), new Eid(50), null, new Eid(12), 2, 0)], configuration.Routes);
        Assert.Equal(new NeighbourSettings("bmc0", new Eid(60), new PhysicalAddress([0x1d])), Assert.Single(configuration.Neighbours));
        DaemonSettings daemon = configuration.Daemon;
        Assert.Equal(("/run/x.sock", "", DbusChoice.None, true, 7), (daemon.Socket, daemon.Mux, daemon.Dbus, daemon.IsVerbose, daemon.MostClients));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, daemon.SocketMode);
        Assert.True(daemon is { OffersEcho: true, OffersBench: true });
        Assert.Equal([MessageType.Pldm, MessageType.Spdm], daemon.MessageTypes);
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Parse_Mistake_NamesFileLineAndRemedy(string text, string place, string remedy)
    {
        AssertRefused(text, place, remedy, ConfigurationDialect.Mctpd);
        AssertRefused(text, place, remedy, ConfigurationDialect.Busbar);
    }

    [Theory]
    [MemberData(nameof(OwnMistakes))]
    public void Parse_MistakeInOurs_NamesFileLineAndRemedy(string text, string place, string remedy) => AssertRefused(text, place, remedy, ConfigurationDialect.Busbar);

    [Fact]
    public void Parse_OwnKeyInMctpdConf_SaysWhoKnowsIt() =>
        AssertRefused("backend = \"user\"", "f:1:1: ", "a key of Busbar's own configuration", ConfigurationDialect.Mctpd);

    [Theory]
    [InlineData("match = \"all\"", true)]
    [InlineData("match = { phys-type = \"i2c\" }", true)]
    [InlineData("match = { phys-type = \"SMBus\" }", true)]
    [InlineData("match = { phys-type = \"MMBI\" }", false)]
    [InlineData("match = { path = \"/devices/platform/ahb/1e78a000.i2c\" }", true)]
    [InlineData("match = { path = \"/devices/*.i2c\" }", true)]
    [InlineData("match = { path = \"*1e78[ab]00?.i2c\" }", true)]
    [InlineData("match = { path = \"/devices/platform\" }", false)]
    public void RoleOf_Rule_MatchesAsItSays(string match, bool matches)
    {
        DaemonConfiguration configuration = ConfigurationFile.Parse($"[[interface]]\n{match}\nrole = \"endpoint\"", "f", ConfigurationDialect.Mctpd);
        var link = new HostLink(1, "mctpi2c1", 1, default, 254, 68, 254, IsUp: true, PhysicalBinding.Smbus) { DevicePath = "/devices/platform/ahb/1e78a000.i2c" };

        Assert.Equal(matches ? LinkRole.Endpoint : LinkRole.BusOwner, configuration.RoleOf(link));
    }

    [Fact]
    public void RoleOf_SeveralRules_TheFirstThatMatchesCounts()
    {
        DaemonConfiguration configuration = ConfigurationFile.Parse(
            "role = \"unknown\"\n[[interface]]\nmatch = { phys-type = \"USB\" }\nrole = \"endpoint\"\n[[interface]]\nmatch = { phys-type = \"serial\" }\n[[interface]]\nmatch = \"all\"\nrole = \"bus-owner\"",
            "f",
            ConfigurationDialect.Mctpd);

        Assert.Equal(LinkRole.Endpoint, configuration.RoleOf(Link(PhysicalBinding.Usb)));
        Assert.Equal(LinkRole.Unknown, configuration.RoleOf(Link(PhysicalBinding.Serial)));
        Assert.Equal(LinkRole.BusOwner, configuration.RoleOf(Link(PhysicalBinding.I3c)));
        static HostLink Link(PhysicalBinding binding) => new(1, "x", 1, default, 254, 68, 254, IsUp: true, binding);
    }

    [Theory]
    [InlineData("", "", true)]
    [InlineData("*", "", true)]
    [InlineData("*", "a/b", true)]
    [InlineData("a*b*c", "aXbYbZc", true)]
    [InlineData("a*b*c", "aXbYbZ", false)]
    [InlineData("[!a]x", "bx", true)]
    [InlineData("[!a]x", "ax", false)]
    [InlineData("[]]", "]", true)]
    [InlineData("[a-c]", "b", true)]
    [InlineData("[a-]", "-", true)]
    [InlineData("[a", "[a", true)]
    [InlineData("\\*", "*", true)]
    [InlineData("\\*", "x", false)]
    [InlineData("?", "", false)]
    public void IsMatch_Pattern_FollowsFnmatch(string pattern, string text, bool matches) => Assert.Equal(matches, Glob.IsMatch(pattern, text));

    [Fact]
    public void IsMatch_PatternOfManyStars_EndsSoon() =>
        Assert.False(Glob.IsMatch(string.Concat(Enumerable.Repeat("a*", 500)) + "b", new string('a', 5000)));

    [Fact]
    public void Load_FileThatIsMissing_SaysSo()
    {
        ConfigurationException refusal = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load("/nowhere/mctpd.conf", ConfigurationDialect.Mctpd));

        Assert.StartsWith("/nowhere/mctpd.conf: the configuration cannot be read", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_BytesThatAreNoText_NamesTheirPlace()
    {
        string path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, [.. "a = 1\nb = '"u8, 0xFF, (byte)'\'']);

            ConfigurationException refusal = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Load(path, ConfigurationDialect.Mctpd));

            Assert.Equal($"{path}:2:6: the file is not UTF-8; save it as UTF-8", refusal.Message);
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static void AssertRefused(string text, string place, string remedy, ConfigurationDialect dialect)
    {
        ConfigurationException refusal = Assert.Throws<ConfigurationException>(() => ConfigurationFile.Parse(text, "f", dialect));

        Assert.StartsWith(place, refusal.Message, StringComparison.Ordinal);
        Assert.Contains(remedy, refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("\n", refusal.Message, StringComparison.Ordinal);
    }
}
