// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;

namespace Busbar.Cli;

/// <summary><c>busbar guest-sockets</c>: opens AF_MCTP sockets and TUN interfaces as its input says, for tests in guests; hidden, because it makes sense nowhere else.</summary>
internal sealed class GuestSocketsCommand : BusbarCommand
{
    public GuestSocketsCommand()
        : base("guest-sockets", "Run a script of AF_MCTP sockets and TUN interfaces from standard input, one word of answer a line; needs root and CONFIG_MCTP.")
    {
        Hidden = true;
        SetAction(_ =>
        {
            using var script = new GuestSocketScript();
            while (Console.In.ReadLine() is { } line) Console.Out.WriteLine(script.Run(line));
            return ExitCode.Success;
        });
    }

    public override IReadOnlyList<string> Examples => ["echo 'open a' | busbar guest-sockets"];
}
