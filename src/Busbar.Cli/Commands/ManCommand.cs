// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Busbar.Cli;

/// <summary><c>busbar man</c>: prints the manual page, made of what the commands say about themselves.</summary>
internal sealed class ManCommand : BusbarCommand
{
    public ManCommand()
        : base("man", "Print the manual page in the format of man(7).")
    {
        Hidden = true;
        SetAction(parsed =>
        {
            Console.Out.Write(ManualPage.Of(parsed.RootCommandResult.Command));
            return ExitCode.Success;
        });
    }

    public override IReadOnlyList<string> Examples => ["busbar man > packaging/man/busbar.1"];
}
