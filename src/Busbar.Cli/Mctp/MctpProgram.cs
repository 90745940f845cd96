// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;

namespace Busbar.Cli;

/// <summary>
/// The program <c>mctp</c>: a drop-in for mctp(1), whose grammar, streams, lines and exit statuses people and scripts know. Its parser is its own, because none of that
/// fits the conventions of <c>busbar</c>.
/// </summary>
internal sealed class MctpProgram
{
    /// <summary>The name that it is invoked by.</summary>
    public const string Name = "mctp";

    /// <summary>What help ends with.</summary>
    private const int HelpStatus = 255;
    private const int FailureStatus = 1;

    private readonly string _name;
    private readonly Func<IMctpSystem> _open;
    private readonly TextWriter _output;
    private readonly TextWriter _error;

    /// <summary>Makes the program.</summary>
    /// <param name="name">The name that it was invoked by; messages start with it.</param>
    /// <param name="open">Opens the system to act on, once there is something to do.</param>
    /// <param name="output">Results.</param>
    /// <param name="error">Help and messages.</param>
    public MctpProgram(string name, Func<IMctpSystem> open, TextWriter output, TextWriter error)
    {
        _name = name;
        _open = open;
        _output = output;
        _error = error;
    }

    /// <summary>Runs it on the kernel and this process's streams.</summary>
    public static int Start(string name, string[] arguments) => new MctpProgram(name, UsualSystem.Open, Console.Out, Console.Error).Run(arguments);

    /// <summary>Runs one command.</summary>
    /// <returns>The exit status.</returns>
    public int Run(string[] arguments)
    {
        try
        {
            int first = ReadOptions(arguments, out bool verbose, out bool help);
            if (help)
            {
                MctpHelp.WriteAll(_error, _name);
                return HelpStatus;
            }

            if (first == arguments.Length)
            {
                MctpHelp.WriteUsage(_error, _name);
                return HelpStatus;
            }

            return Run(arguments[first], arguments[(first + 1)..], verbose);
        }
        catch (Exception failure) when (failure is MctpFailure or HostException or LinuxException or IOException or UnauthorizedAccessException)
        {
            _error.WriteLine($"{_name}: {failure.Message}");
            return FailureStatus;
        }
    }

    private int Run(string word, string[] words, bool verbose)
    {
        string? command = Array.Find(MctpHelp.Commands, candidate => candidate.StartsWith(word, StringComparison.Ordinal));
        if (command is null) throw new MctpFailure($"no such command '{word}'; '{_name} help' lists them");
        if (command == "help" || words is ["help"])
        {
            if (command == "help") MctpHelp.WriteAll(_error, _name);
            else MctpHelp.Write(_error, _name, command);
            return HelpStatus;
        }

        using IMctpSystem system = _open();
        if (verbose) system.TraceTo(datagram => NetlinkDump.Write(_output, datagram));
        var actions = new MctpActions(system.Configuration, _output);
        var rest = new MctpWords(words);
        switch (command)
        {
            case "link" when rest.TakeIf("serial"):
                string terminal = rest.Take("TTY");
                rest.EnsureEnd();
                system.HoldSerial(terminal);
                break;
            case "link": actions.Link(rest); break;
            case "address": actions.Address(rest); break;
            case "route": actions.Route(rest); break;
            case "neighbour": actions.Neighbour(rest); break;
            default: Monitor(system, rest); break;
        }

        return 0;
    }

    private void Monitor(IMctpSystem system, MctpWords words)
    {
        words.EnsureEnd();
        system.Watch(datagram =>
        {
            NetlinkDump.Write(_output, datagram);
            _output.Flush();
        });
    }

    // As getopt_long(3) would with "+hv": options end at the first word that is none, short ones may share a hyphen, long ones may be shortened.
    private static int ReadOptions(string[] arguments, out bool verbose, out bool help)
    {
        verbose = help = false;
        int i = 0;
        for (; i < arguments.Length && !help; i++)
        {
            string word = arguments[i];
            if (word == "--") return i + 1;
            if (word.Length < 2 || word[0] != '-') return i;
            if (word[1] == '-')
            {
                if ("--help".StartsWith(word, StringComparison.Ordinal)) help = true;
                else if ("--verbose".StartsWith(word, StringComparison.Ordinal)) verbose = true;
                else throw new MctpFailure($"unknown option '{word}'; --help and --verbose are known");
                continue;
            }

            foreach (char letter in word.AsSpan(1))
            {
                if (letter == 'h') help = true;
                else if (letter == 'v') verbose = true;
                else throw new MctpFailure($"unknown option '-{letter}'; -h and -v are known");
            }
        }

        return i;
    }
}
