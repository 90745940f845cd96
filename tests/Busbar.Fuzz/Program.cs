// SPDX-License-Identifier: Apache-2.0
using Xunit.Runner.InProc.SystemConsole;

namespace Busbar.Fuzz;

/// <summary>Runs the fuzz tests, replays a finding (<c>replay TARGET FILE</c>), or writes the seeds anew (<c>seeds FOLDER</c>).</summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["replay", var target, var file]:
                FuzzTargets.Find(target).Run(File.ReadAllBytes(file));
                Console.Out.WriteLine($"{target}: {file} does no harm");
                return 0;
            case ["seeds", var folder]:
                Seeds.Write(folder);
                return 0;
            default:
                return ConsoleRunner.Run(args).GetAwaiter().GetResult();
        }
    }
}
