// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mmbi;
using Xunit.Runner.InProc.SystemConsole;

namespace Busbar.Node.Tests;

/// <summary>Runs the tests, or plays the other end of a link in a process of its own.</summary>
internal static class Program
{
    public static int Main(string[] args) =>
        args is ["child", var link, var role, var parent]
            ? PlayEnd(link, Enum.Parse<MmbiRole>(role), int.Parse(parent))
            : ConsoleRunner.Run(args).GetAwaiter().GetResult();

    private static int PlayEnd(string link, MmbiRole role, int parent)
    {
        if (!ParentDeathSignal.Arm(Signal.Kill, parent)) return 1;
        using NodeEnd end = NodeEnd.Open(link, role);
        if (!end.IsUpWithin(10)) return 2;
        Console.Out.WriteLine("up");
        Console.Out.Flush();
        Console.In.ReadToEnd();
        return 0;
    }
}
