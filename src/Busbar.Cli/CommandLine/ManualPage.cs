// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Help;
using System.Reflection;
using System.Text;

namespace Busbar.Cli;

/// <summary>Writes the manual page (section 1, macros of man(7)) of a command tree; hidden commands are left out.</summary>
internal sealed class ManualPage
{
    private readonly StringBuilder _text = new();

    private ManualPage()
    {
    }

    /// <summary>The page of a program.</summary>
    /// <param name="root">Its root command.</param>
    public static string Of(Command root)
    {
        var page = new ManualPage();
        page.Write(root);
        return page._text.ToString();
    }

    private void Write(Command root)
    {
        string version = typeof(ManualPage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0";
        Macro($".TH BUSBAR 1 \"\" \"busbar {version}\" \"Busbar\"");

        // Command lines and words like --a|b do not stretch well.
        Macro(".ad l");
        Section("NAME");
        Line("busbar - management transports of a server platform: MCTP endpoints, links, networks and their daemon");
        Section("SYNOPSIS");
        Macro(".B busbar");
        Line("COMMAND [SUBCOMMAND] [ARGUMENTS] [OPTIONS]");
        Section("DESCRIPTION");
        Line(root.Description);
        Macro(".PP");
        Line("Results go to standard output and nothing else does; errors are one line on standard error that names the culprit and the remedy. "
            + "With --json a command prints one JSON object on one line (long-running commands one per event). "
            + "Numbers are decimal, or hexadecimal with 0x; times are seconds with decimals.");
        Macro(".PP");
        Line("Invoked by the name mctp (through a link, also as NAME-mctp) the program is a stand-in for mctp(1), by the names mctp-req, mctp-echo, mctp-bench and mctp-client for "
            + "those programs, and by a name that ends in mctpd for mctpd(8).");
        Section("COMMANDS");
        foreach (Command command in root.Subcommands.Where(command => !command.Hidden)) Describe(command, "busbar");
        WriteTail();
    }

    private void WriteTail()
    {
        Section("EXIT STATUS");
        foreach ((string code, string meaning) in ((string, string)[])
        [
            ("0", "success"), ("1", "the command worked, and its verdict is negative"), ("2", "wrong usage or configuration"), ("3", "unreachable or timed out"),
            ("4", "the peer answered wrongly or with an error"), ("5", "a privilege or a facility of the system is missing"), ("70", "a defect of this program"),
        ])
        {
            Tagged(code, meaning);
        }

        Section("ENVIRONMENT");
        Tagged("BUSBAR_SOCKET", "The daemon's socket, instead of the usual ones.");
        Tagged("BUSBAR_DEBUG", "Set to 1: errors are followed by a stack trace.");
        Tagged("NO_COLOR", "Set to anything: no colours on terminals.");
        Tagged("MCTP_TEST_SOCK", "The descriptor of a test harness that plays the kernel, for commands that use the kernel.");
        Section("FILES");
        Tagged("/run/busbar/busbar.sock", "The socket of the system's daemon.");
        Tagged("$XDG_RUNTIME_DIR/busbar.sock", "The socket of a user's own daemon.");
    }

    private void Describe(Command command, string path)
    {
        string full = $"{path} {command.Name}";
        Macro(".SS " + Quoted(string.Join(' ', command.Arguments.Where(argument => !argument.Hidden).Select(Usage).Prepend(full))));
        Line(command.Description);
        string[] aliases = [.. command.Aliases.Where(alias => alias != command.Name).Order(StringComparer.Ordinal)];
        if (aliases.Length != 0) Line($"Also: {string.Join(", ", aliases)}.");
        foreach (Argument argument in command.Arguments.Where(argument => !argument.Hidden && argument.Description is not null))
            Tagged(argument.HelpName ?? argument.Name, argument.Description!);
        foreach (Option option in command.Options.Where(option => !option.Hidden && option is not HelpOption)) Tagged(Usage(option), option.Description ?? string.Empty);
        if (command is BusbarCommand own)
        {
            if (own.Notes.Count != 0) Macro(".PP");
            foreach (string note in own.Notes) Line(note);
            Examples(own.Examples);
        }

        foreach (Command child in command.Subcommands.Where(child => !child.Hidden)) Describe(child, full);
    }

    private void Examples(IReadOnlyList<string> examples)
    {
        if (examples.Count == 0) return;
        Macro(".PP");
        Macro(".EX");
        foreach (string example in examples) Line(example);
        Macro(".EE");
    }

    private static string Usage(Argument argument)
    {
        string name = argument.HelpName ?? argument.Name;
        string many = argument.Arity.MaximumNumberOfValues > 1 ? "..." : string.Empty;
        return argument.Arity.MinimumNumberOfValues == 0 ? $"[{name}]{many}" : name + many;
    }

    private static string Usage(Option option)
    {
        IEnumerable<string> known = option.Aliases.Append(option.Name).Distinct(StringComparer.Ordinal);
        string names = string.Join(", ", known.OrderBy(name => name.Length).ThenBy(name => name, StringComparer.Ordinal));
        if (option.Arity.MaximumNumberOfValues == 0 || option is Option<bool>) return names;
        string value = option.HelpName ?? "VALUE";
        return option.Arity.MinimumNumberOfValues == 0 ? $"{names}[={value}]" : $"{names} {value}";
    }

    private void Section(string title) => Macro(".SH " + title);

    private void Tagged(string tag, string text)
    {
        Macro(".TP");
        Macro(".B " + Quoted(tag));
        Line(text);
    }

    private void Macro(string line) => _text.Append(line).Append('\n');

    private void Line(string? text)
    {
        if (string.IsNullOrEmpty(text)) return;
        string escaped = Escape(text);
        if (escaped[0] is '.' or '\'') escaped = "\\&" + escaped;
        _text.Append(escaped).Append('\n');
    }

    private static string Quoted(string text) => "\"" + Escape(text).Replace("\"", "\\(dq", StringComparison.Ordinal) + "\"";

    private static string Escape(string text) => text.Replace("\\", "\\e", StringComparison.Ordinal).Replace("-", "\\-", StringComparison.Ordinal).ReplaceLineEndings(" ");
}
