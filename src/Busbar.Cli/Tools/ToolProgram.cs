// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>
/// The small programs mctp-req, mctp-echo, mctp-bench and mctp-client, when the program is invoked by one of their names: their arguments, lines and statuses, over whatever
/// <see cref="UsualSystem"/> finds.
/// </summary>
internal sealed class ToolProgram
{
    private const int FailureStatus = 1;
    private const int UsageStatus = 255;

    private readonly string _name;
    private readonly Func<IMctpSocketSource> _open;
    private readonly TextWriter _output;
    private readonly TextWriter _error;

    /// <summary>Makes the programs.</summary>
    /// <param name="name">The name that one was invoked by.</param>
    /// <param name="open">Opens the source of sockets, once the arguments are understood.</param>
    /// <param name="output">Results.</param>
    /// <param name="error">Messages.</param>
    public ToolProgram(string name, Func<IMctpSocketSource> open, TextWriter output, TextWriter error)
    {
        _name = name;
        _open = open;
        _output = output;
        _error = error;
    }

    /// <summary>Whether a name is one of theirs.</summary>
    public static bool Answers(string name) => Find(name) is not null;

    /// <summary>Runs the one that a name stands for on this process's streams.</summary>
    public static int Start(string name, string[] arguments)
    {
        // A program that waits for its one answer just dies of a signal; those that go on for ever end in order.
        using StopSignal? stop = Find(name) is ReqTool or ClientTool ? null : new StopSignal();
        return new ToolProgram(name, UsualSystem.OpenSockets, Console.Out, Console.Error).Run(arguments, stop?.Token ?? CancellationToken.None);
    }

    /// <summary>Runs it.</summary>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="stop">Ends those that would go on for ever.</param>
    /// <returns>The exit status.</returns>
    public int Run(string[] arguments, CancellationToken stop)
    {
        ITool tool = Find(_name) ?? throw new ArgumentException($"'{_name}' is no tool", nameof(arguments));
        try
        {
            tool.Read(new MctpWords(arguments));
        }
        catch (MctpFailure wrong)
        {
            _error.WriteLine($"{_name}: {wrong.Message}");
            _error.WriteLine($"usage: {_name} {tool.Grammar}");
            return UsageStatus;
        }

        try
        {
            return tool.Run(_open(), _output, stop);
        }
        catch (Exception failure) when (failure is MctpFailure or HostException or IOException or UnauthorizedAccessException)
        {
            _error.WriteLine($"{_name}: {failure.Message}");
            return FailureStatus;
        }
    }

    private static ITool? Find(string name)
    {
        if (ProgramName.Matches(name, "mctp-req")) return new ReqTool();
        if (ProgramName.Matches(name, "mctp-echo")) return new EchoTool();
        if (ProgramName.Matches(name, "mctp-bench")) return new BenchTool();
        return ProgramName.Matches(name, "mctp-client") ? new ClientTool() : null;
    }
}
