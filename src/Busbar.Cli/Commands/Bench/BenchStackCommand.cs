// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using Busbar.Bench;

namespace Busbar.Cli;

/// <summary><c>busbar bench stack</c>: what a message costs in the core alone.</summary>
internal sealed class BenchStackCommand : BusbarCommand
{
    private readonly Option<int> _rounds = BenchOptions.Rounds();
    private readonly Option<TimeSpan> _seconds = BenchOptions.Seconds(0.2);
    private readonly Option<string?> _save = BenchOptions.Save();
    private readonly Option<bool> _json = OptionKinds.Json();

    public BenchStackCommand()
        : base("stack", "The core alone over a loopback link: send, packetise, route, receive, reassemble, deliver, read.")
    {
        foreach (Option option in (Option[])[_rounds, _seconds, _save, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar bench stack", "busbar bench stack --rounds 3 --json"];

    public override IReadOnlyList<string> Notes => ["MTUs are payload units here, and messages count their type byte. 'ratio' is our time over that of the C program."];

    private int Run(ParseResult parsed)
    {
        using var progress = new Progress();
        var benchmark = new StackBenchmark(parsed.GetValue(_rounds), parsed.GetValue(_seconds).TotalSeconds);
        var report = new BenchStackReport(benchmark.Run(new ProgressReports(progress)), benchmark.BaselinesMissing);
        progress.Dispose();
        BenchOptions.ReportMissing(report.BaselinesMissing);
        BenchOptions.Publish(report, BusbarJson.Default.BenchStackReport, parsed.GetValue(_save), parsed.GetValue(_json), Print);
        return ExitCode.Success;
    }

    private static void Print(BenchStackReport report)
    {
        var table = new ResultTable(alignsRight: true, "mtu", "message", "packets", "ns/message", "ns/packet", "GB/s", "bytes alloc.", "C ns/message", "ratio");
        foreach (StackBenchCase item in report.Cases)
        {
            table.Add(
                Text(item.Mtu), Text(item.Message), Text(item.Packets), Text(item.NsPerMessage.Median, "0.0"), Text(item.NsPerPacket, "0.0"),
                Text(item.BytesPerS / 1e9, "0.00"), Text(item.AllocatedPerMessage, "0.###"), item.CNsPerMessage is { } c ? Text(c.Median, "0.0") : "-",
                item.Ratio is { } ratio ? Text(ratio.Median, "0.00") : "-");
        }

        table.Write();
    }

    private static string Text(double value, string format = "0") => value.ToString(format, CultureInfo.InvariantCulture);
}
