// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.ControlPlane;

namespace Busbar.Cli;

/// <summary>A command about one table of an MCTP system: alone it shows the table, its subcommands change it, with the words and lines of mctp(1).</summary>
internal abstract class TableCommand : BusbarCommand
{
    private readonly SystemOptions _system = new();
    private readonly Option<bool> _json = OptionKinds.Json();
    private readonly Option<bool> _details = new("--details", "-d") { Description = "Show also what mctp(1) does not: binding, role, limits, packets.", Recursive = true };

    protected TableCommand(string name, string description, string subject, string showGrammar)
        : base(name, description)
    {
        _json.Recursive = true;
        _system.AddTo(this);
        Options.Add(_details);
        Options.Add(_json);
        var show = new WordsCommand("show", $"Show the {subject}; done when no other word is given, too.", showGrammar, [$"busbar {name} show", $"busbar {name} --json"], Show);
        show.Aliases.Add("list");
        show.Aliases.Add("ls");
        Subcommands.Add(show);
        SetAction(parsed => Show(parsed, new MctpWords([])));
    }

    /// <summary>Adds a subcommand that changes the table.</summary>
    protected void AddChange(string name, string description, string grammar, string example, Action<MctpActions, MctpWords> change)
    {
        var command = new WordsCommand(name, description, grammar, [example, example + " --kernel"], (parsed, words) => Change(parsed, words, change));
        if (name == "del") command.Aliases.Add("delete");
        Subcommands.Add(command);
    }

    /// <summary>The rows that fit the words.</summary>
    /// <param name="system">Where they are.</param>
    /// <param name="words">What limits them.</param>
    /// <param name="details">Whether lines show more than mctp(1).</param>
    /// <param name="report">Gets them, for JSON.</param>
    /// <returns>Their lines.</returns>
    protected abstract IEnumerable<string> Rows(ISystemSession system, MctpWords words, bool details, ref TableReport report);

    /// <summary>Finds a link by the next word.</summary>
    protected static HostLink? TakeLinkIfAny(MctpWords words, IReadOnlyList<HostLink> links)
    {
        if (words.TakeIfAny() is not { } name) return null;
        string known = links.Count == 0 ? "there is none at all" : "there are " + string.Join(", ", links.Select(link => link.Name));
        return links.FirstOrDefault(link => link.Name == name) ?? throw new MctpFailure($"there is no MCTP link '{name}'; {known}");
    }

    private int Show(ParseResult parsed, MctpWords words)
    {
        using ISystemSession system = _system.Open(parsed);
        var report = new TableReport { Ok = true, System = system.Name };
        string[] lines = [.. Rows(system, words, parsed.GetValue(_details), ref report)];
        if (parsed.GetValue(_json)) BusbarJson.WriteLine(report, BusbarJson.Default.TableReport);
        else foreach (string line in lines) Console.Out.WriteLine(line);
        return ExitCode.Success;
    }

    private int Change(ParseResult parsed, MctpWords words, Action<MctpActions, MctpWords> change)
    {
        using ISystemSession system = _system.Open(parsed);
        change(new MctpActions(system.Configuration, TextWriter.Null), words);
        if (parsed.GetValue(_json)) BusbarJson.WriteLine(new TableReport { Ok = true, System = system.Name }, BusbarJson.Default.TableReport);
        return ExitCode.Success;
    }
}
