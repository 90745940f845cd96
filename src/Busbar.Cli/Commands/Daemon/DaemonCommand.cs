// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Parsing;
using Busbar.Daemon;
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar daemon</c>: a node from one configuration file, for all programs of the system.</summary>
internal sealed class DaemonCommand : BusbarCommand
{
    private readonly Option<string?> _file = new("--config", "-c")
    {
        Description = "Configuration: Busbar's own (busbar.toml), or mctpd's as it is (mctpd.conf).",
        HelpName = "FILE",
    };

    private readonly Option<bool> _check = new("--check") { Description = "Only read the configuration, and print what the daemon would do." };
    private readonly Option<bool> _verbose = new("--verbose", "-v") { Description = "Log every query and its answer." };
    private readonly Option<string?> _socket = new("--socket") { Description = "Socket for clients, whatever the file says; 'none' for none.", HelpName = "PATH" };
    private readonly Option<string?> _dbus = new("--dbus") { Description = "Bus to serve on, whatever the file says: system, session, none, or an address.", HelpName = "BUS" };
    private readonly Option<int> _parent = ParentOption.Create();

    public DaemonCommand()
        : base("daemon", "Run a node from a configuration file: links, bus owner, bridge, sockets for clients, D-Bus. Runs until SIGINT or SIGTERM.")
    {
        Options.Add(_file);
        Options.Add(_check);
        Options.Add(_verbose);
        Options.Add(_socket);
        Options.Add(_dbus);
        Options.Add(_parent);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar daemon -c examples/bus-owner.toml",
        "busbar daemon -c /etc/mctpd.conf --check",
        "busbar daemon -c lab.toml --socket /tmp/lab.sock --dbus none",
    ];

    public override IReadOnlyList<string> Notes =>
    [
        $"Clients find the daemon at {DaemonSocketPath.OfSystem}, or at $XDG_RUNTIME_DIR/busbar.sock when that folder cannot be written to; {DaemonSocketPath.Variable} names another one.",
        "SIGHUP reads the configuration again and applies the difference; a broken file changes nothing. SIGINT and SIGTERM end the daemon in order, with 0.",
        "docs/daemon.md describes the configuration, the sockets and their protocols.",
    ];

    private int Run(ParseResult parsed)
    {
        if (!ParentOption.TryFollow(parsed, _parent)) return ExitCode.Unreachable;
        DaemonConfiguration configuration;
        try
        {
            configuration = parsed.GetValue(_file) is { } file
                ? ConfigurationFile.Load(file, ConfigurationDialect.Busbar)
                : throw new CommandException(ExitCode.Usage, "a configuration is needed; name it with -c FILE (examples/ has some)");
            configuration = Override(parsed, configuration);
        }
        catch (ConfigurationException wrong)
        {
            throw new CommandException(ExitCode.Usage, wrong.Message);
        }

        if (parsed.GetValue(_check))
        {
            ConfigurationText.Write(configuration, Console.Out);
            return ExitCode.Success;
        }

        DaemonRunner.Run(new DaemonInvocation
        {
            Program = "busbar",
            Configuration = configuration,
            IsVerbose = parsed.GetValue(_verbose),
            Override = again => Override(parsed, again),
        });
        return ExitCode.Success;
    }

    private DaemonConfiguration Override(ParseResult parsed, DaemonConfiguration configuration)
    {
        DaemonSettings settings = configuration.Daemon;
        if (parsed.GetValue(_socket) is { } socket) settings = settings with { Socket = socket == "none" ? "" : socket };
        if (parsed.GetValue(_dbus) is { } bus)
        {
            DbusChoice choice = bus switch
            {
                "system" => DbusChoice.System,
                "session" => DbusChoice.Session,
                "none" => DbusChoice.None,
                _ when bus.Contains(':', StringComparison.Ordinal) => DbusChoice.Address,
                _ => throw new CommandException(ExitCode.Usage, $"--dbus {bus}: use system, session, none, or an address like unix:path=/run/bus"),
            };
            settings = settings with { Dbus = choice, DbusAddress = choice == DbusChoice.Address ? bus : null };
        }

        return configuration with { Daemon = settings };
    }
}
