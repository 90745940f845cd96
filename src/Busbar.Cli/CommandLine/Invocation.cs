// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.CommandLine.Parsing;

namespace Busbar.Cli;

/// <summary>Builds the command tree, parses, runs, and turns whatever goes wrong into one line and an exit code.</summary>
internal static class Invocation
{
    public static int Run(string[] arguments)
    {
        try
        {
            ParseResult parsed = BuildTree().Parse(arguments, new ParserConfiguration { ResponseFileTokenReplacer = null });
            if (parsed.Action is ParseErrorAction) return ReportUsage(parsed);

            // Signals are each command's own business: most just die of them, the long-running ones take their link down first.
            return parsed.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null });
        }
        catch (Exception failure)
        {
            return FailureReport.Report(failure);
        }
    }

    private static RootCommand BuildTree()
    {
        var root = new RootCommand("Management transports of a server platform in user space: MCTP over MMBI shared memory, both ends of the link.")
        {
            new LabCommand(),
            new DaemonCommand(),
            new EndpointCommand(),
            new DeviceCommand(),
            new DiscoverCommand(),
            new PingCommand(),
            new SendCommand(),
            new ReqCommand(),
            new EchoCommand(),
            new TreeCommand(),
            new PeerCommand(),
            new LinkCommand(),
            new AddressCommand(),
            new RouteCommand(),
            new NeighbourCommand(),
            new MonitorCommand(),
            new AttachCommand(),
            new MmbiCommand(),
            new PciCommand(),
            new IvshmemServerCommand(),
            new BenchCommand(),
            new CompletionCommand(),
            new ManCommand(),
            new GuestAgentCommand(),
            new GuestSocketsCommand(),
        };
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
