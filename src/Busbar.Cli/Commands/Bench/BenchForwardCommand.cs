// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using Busbar.Bench;

namespace Busbar.Cli;

/// <summary><c>busbar bench forward</c>: packets through a bridge between two MMBI windows.</summary>
internal sealed class BenchForwardCommand : BusbarCommand
{
    private const string MemoryFolder = "/dev/shm";

    private readonly Option<int> _rounds = BenchOptions.Rounds();
    private readonly Option<TimeSpan> _seconds = BenchOptions.Seconds(0.2);
    private readonly Option<string?> _save = BenchOptions.Save();
    private readonly Option<bool> _json = OptionKinds.Json();

    public BenchForwardCommand()
        : base("forward", "Packets through a bridge between two MMBI windows: the bridge spins on one processor, generator and sink share another.")
    {
        foreach (Option option in (Option[])[_rounds, _seconds, _save, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar bench forward", "busbar bench forward --rounds 3 --json"];

    public override IReadOnlyList<string> Notes =>
    [
        "Sizes are packet payloads. 'x unix' and 'x udp' compare with C programs that receive from one socket and send to another,",
        "measured in the same rounds on the same processors. 'core ns' is the bridge's turn alone between links in memory, the best round.",
        "Exit code 5 when there is only one processor.",
    ];

    private int Run(ParseResult parsed)
    {
        using var progress = new Progress();
        string folder = Path.Combine(Directory.Exists(MemoryFolder) ? MemoryFolder : Path.GetTempPath(), $"busbar-bench-{Environment.ProcessId}");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ForwardBenchReport report;
        try
        {
            report = new ForwardBenchmark(new ForwardBenchOptions
            {
                Rounds = parsed.GetValue(_rounds),
                Seconds = parsed.GetValue(_seconds).TotalSeconds,
                Folder = folder,
            }).Run(new ProgressReports(progress));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
            progress.Dispose();
        }

        BenchOptions.ReportMissing(report.BaselinesMissing);
        BenchOptions.Publish(report, BusbarJson.Default.ForwardBenchReport, parsed.GetValue(_save), parsed.GetValue(_json), Print);
        return ExitCode.Success;
    }

    private static void Print(ForwardBenchReport report)
    {
        var table = new ResultTable(alignsRight: true, "size", "k packets/s", "best", "ns/packet", "core ns", "bytes alloc.", "unix k/s", "x unix", "udp k/s", "x udp");
        foreach (ForwardBenchRow row in report.Rows)
        {
            table.Add(
                Text(row.Size, "0"),
                Text(row.PacketsPerS.Median / 1e3, "0"), Text(row.PacketsPerS.High / 1e3, "0"), Text(row.NsPerPacket.Median, "0.0"), Text(row.CoreNsPerPacket.Low, "0.0"),
                Text(row.AllocatedPerPacket, "0.###"), Text(row.UnixPerS?.Median / 1e3, "0"), Text(row.RatioUnix?.Median, "0.0"), Text(row.UdpPerS?.Median / 1e3, "0"),
                Text(row.RatioUdp?.Median, "0.0"));
        }

        table.Write();
    }

    private static string Text(double? value, string format) => value?.ToString(format, CultureInfo.InvariantCulture) ?? "-";
}
