// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Busbar.Cli;

/// <summary>The usual help, then notes, examples and exit codes.</summary>
internal sealed class HelpWithExamples : SynchronousCommandLineAction
{
    private readonly HelpAction _usual;

    public HelpWithExamples(HelpAction usual) => _usual = usual;

    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        _usual.Invoke(parseResult);
        TextWriter output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is BusbarCommand command)
        {
            Section(output, "Notes:", command.Notes);
            Section(output, "Examples:", command.Examples);
        }

        Section(
            output,
            "Exit codes:",
            [
                "0 success, 1 negative verdict, 2 usage or configuration, 3 unreachable or timed out,",
                "4 peer error, 5 missing privilege or facility, 70 a defect of this program",
            ]);
        return ExitCode.Success;
    }

    private static void Section(TextWriter output, string title, IReadOnlyList<string> lines)
    {
        if (lines.Count == 0) return;
        output.WriteLine(title);
        foreach (string line in lines) output.WriteLine("  " + line);
        output.WriteLine();
    }
}
