// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Xunit.Runner.InProc.SystemConsole;

namespace Busbar.Fuzz;

/// <summary>Runs the fuzz tests, replays a finding (<c>replay TARGET FILE</c>), feeds one target for longer (<c>run TARGET SECONDS [SEED]</c>), or writes the seeds anew (<c>seeds FOLDER</c>).</summary>
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
            case ["run", var target, var seconds, .. var seed]:
                int from = seed.Length > 0 ? int.Parse(seed[0], CultureInfo.InvariantCulture) : Random.Shared.Next();
                var run = new FuzzRun(FuzzTargets.Find(target), Seeds.Of(target), from, TimeSpan.FromSeconds(30));
                FuzzFinding? finding = run.For(TimeSpan.FromSeconds(double.Parse(seconds, CultureInfo.InvariantCulture)));
                Console.Out.WriteLine($"{target}: {run.Inputs} inputs from seed {from}; {finding?.Save() ?? "no finding"}");
                return finding is null ? 0 : 1;
            case ["seeds", var folder]:
                Seeds.Write(folder);
                return 0;
            default:
                return ConsoleRunner.Run(args).GetAwaiter().GetResult();
        }
    }
}
