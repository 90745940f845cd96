// SPDX-License-Identifier: Apache-2.0
using Xunit.Runner.InProc.SystemConsole;

namespace Busbar.Pci.Tests;

/// <summary>Runs the tests, or plays one of the processes that a test needs beside its own.</summary>
internal static class Program
{
    public static int Main(string[] args) =>
        args is ["child", ..] ? ChildRoles.Play(args[1], args[2..]) : ConsoleRunner.Run(args).GetAwaiter().GetResult();
}
