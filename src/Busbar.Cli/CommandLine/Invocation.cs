// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Busbar.Cli;

/// <summary>Builds the command tree, parses, runs, and turns whatever goes wrong into one line and an exit code.</summary>
internal static class Invocation
{
    // Each with the words that it is called by.
    private static readonly (string[] Names, Func<Command> Make)[] s_commands =
    [
        (["lab"], () => new LabCommand()),
        (["daemon"], () => new DaemonCommand()),
        (["endpoint"], () => new EndpointCommand()),
        (["device"], () => new DeviceCommand()),
        (["discover"], () => new DiscoverCommand()),
        (["ping"], () => new PingCommand()),
        (["send"], () => new SendCommand()),
        (["req"], () => new ReqCommand()),
        (["echo"], () => new EchoCommand()),
        (["tree"], () => new TreeCommand()),
        (["peer"], () => new PeerCommand()),
        (["link"], () => new LinkCommand()),
        (["address", "addr"], () => new AddressCommand()),
        (["route"], () => new RouteCommand()),
        (["neigh", "neighbour"], () => new NeighbourCommand()),
        (["monitor"], () => new MonitorCommand()),
        (["attach"], () => new AttachCommand()),
        (["mmbi"], () => new MmbiCommand()),
        (["pci"], () => new PciCommand()),
        (["ivshmem-server"], () => new IvshmemServerCommand()),
        (["bench"], () => new BenchCommand()),
        (["completion"], () => new CompletionCommand()),
        (["man"], () => new ManCommand()),
        (["guest-agent"], () => new GuestAgentCommand()),
        (["guest-sockets"], () => new GuestSocketsCommand()),
    ];

    public static int Run(string[] arguments)
    {
        try
        {
            ParseResult parsed = BuildTree(arguments).Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Action is ParseErrorAction) return ReportUsage(parsed);

            // Signals are each command's own business: most just die of them, the long-running ones take their link down first.
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception failure)
        {
            return FailureReport.Report(failure);
        }
    }

    // Building all commands takes longer than most of them run: the one that is called for is enough, unless words about all of them are wanted.
    internal static RootCommand BuildTree(string[] arguments)
    {
        var root = new RootCommand("Management transports of a server platform in user space: MCTP endpoints, links, networks, and the daemon that runs them.");
        (string[] Names, Func<Command> Make)[] wanted = arguments is [var first, ..] && first != "man" ? [.. s_commands.Where(command => command.Names.Contains(first))] : [];
        foreach ((_, Func<Command> make) in wanted.Length != 0 ? wanted : s_commands) root.Add(make());
        foreach (Option option in root.Options)
        {
            if (option is HelpOption { Action: HelpAction usual } help) help.Action = new HelpWithExamples(usual);
        }

        return root;
    }

    private static int ReportUsage(ParseResult parsed)
    {
        string path = string.Join(' ', Path(parsed.CommandResult.Command));
        return FailureReport.Report(new CommandException(ExitCode.Usage, $"{Complaint(parsed).TrimEnd('.')}; see '{path} --help'"));
    }

    // The word that nobody expected says more than what was expected instead of it.
    private static string Complaint(ParseResult parsed)
    {
        if (parsed.UnmatchedTokens.Count > 0) return $"'{parsed.UnmatchedTokens[0]}' is not known here";
        if (parsed.Errors.Count == 0) return "the arguments cannot be understood";
        ParseError first = parsed.Errors[0];
        return first.SymbolResult is ArgumentResult { Tokens.Count: 0 } argument && argument.Parent is CommandResult
            ? $"{argument.Argument.Name} is missing"
            : first.Message;
    }

    private static Stack<string> Path(Command command)
    {
        var names = new Stack<string>();
        for (Symbol? symbol = command; symbol is not null; symbol = symbol.Parents.FirstOrDefault())
            names.Push(symbol is RootCommand ? "busbar" : symbol.Name);
        return names;
    }
}
