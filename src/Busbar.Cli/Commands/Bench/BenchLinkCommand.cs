// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using Busbar.Bench;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar bench link</c>: round trips, doorbells and interrupts on any link with an endpoint at its other end.</summary>
internal sealed class BenchLinkCommand : BusbarCommand
{
    private static readonly int[] s_sizes = [64, 4096, 65536];

    private readonly Option<LinkSpec> _link = LinkOption.Create();
    private readonly Option<int> _rounds = BenchOptions.Rounds();
    private readonly Option<TimeSpan> _seconds = BenchOptions.Seconds(0.5);
    private readonly Option<string?> _save = BenchOptions.Save();
    private readonly Option<bool> _json = OptionKinds.Json();

    public BenchLinkCommand()
        : base("link", "Echo round trips over a LINK with an endpoint at its other end, with the doorbells and interrupts that they cost.")
    {
        foreach (Option option in (Option[])[_link, _rounds, _seconds, _save, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples =>
    [
        "busbar bench link --link mmbi:ivshmem:/run/lab.sock",
        "busbar bench link --link mmbi:ivshmem:/run/lab.sock,wait=block --rounds 3 --json",
    ];

    public override IReadOnlyList<string> Notes =>
    [
        "Sizes count the type byte. 'x wake-up' is the median round trip over that of two threads of this machine that wake each other",
        "through eventfds, measured in the same round. Exit code 4 when an echo was lost or came back wrong.",
    ];

    private int Run(ParseResult parsed)
    {
        using var progress = new Progress();
        var benchmark = new LinkBenchmark(parsed.GetValue(_link)!, s_sizes, parsed.GetValue(_rounds), parsed.GetValue(_seconds).TotalSeconds);
        LinkBenchReport report = benchmark.Run(new ProgressReports(progress));
        progress.Dispose();
        BenchOptions.Publish(report, BusbarJson.Default.LinkBenchReport, parsed.GetValue(_save), parsed.GetValue(_json), Print);
        return report.Failures == 0 ? ExitCode.Success : ExitCode.PeerError;
    }

    private static void Print(LinkBenchReport report)
    {
        var table = new ResultTable(alignsRight: true, "size", "rtt p50 us", "p99 us", "x wake-up", "echoes/s", "MB/s", "doorbells/echo", "interrupts/echo");
        foreach (LinkBenchRow row in report.Rows)
        {
            table.Add(
                Text(row.Size, "0"), Text(row.RttP50Ns.Median / 1e3, "0.0"), Text(row.RttP99Ns.Median / 1e3, "0.0"), Text(row.RttOverWakeUp.Median, "0.00"),
                Text(row.EchoesPerS.Median, "0"), Text(row.BytesPerS.Median / 1e6, "0.0"), Text(row.DoorbellsPerEcho.Median, "0.00"),
                Text(row.InterruptsPerEcho.Median, "0.00"));
        }

        table.Write();
        Console.Out.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"\nwake-up {report.WakeUpNs.Median / 1e3:0.0} us; {report.BareDoorbellsPerS.Median:0} bare doorbells/s; with traffic at most {report.MostDoorbellsPerS:0} doorbells/s and {report.MostInterruptsPerS:0} interrupts/s; {report.Failures} failures"));
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
