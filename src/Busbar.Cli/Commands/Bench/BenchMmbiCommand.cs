// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Busbar.Bench;
using Busbar.Mmbi;

namespace Busbar.Cli;

/// <summary><c>busbar bench mmbi</c>: two processes, socket to socket.</summary>
internal sealed class BenchMmbiCommand : BusbarCommand
{
    private readonly Option<int> _rounds = BenchOptions.Rounds();
    private readonly Option<TimeSpan> _seconds = BenchOptions.Seconds(0.05);
    private readonly Option<MmbiDialect?> _dialect = OptionKinds.Dialect();
    private readonly Option<int?> _size = OptionKinds.WindowSize("--size", "Window bytes (2M).");
    private readonly Option<string?> _save = BenchOptions.Save();
    private readonly Option<bool> _json = OptionKinds.Json();

    public BenchMmbiCommand()
        : base("mmbi", "Two processes on two processors over ivshmem windows, from socket to socket: round trips and one-way streams.")
    {
        foreach (Option option in (Option[])[_rounds, _seconds, _dialect, _size, _save, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar bench mmbi", "busbar bench mmbi --rounds 3 --dialect v1.0-aspeed --json"];

    public override IReadOnlyList<string> Notes =>
    [
        "Sizes count the type byte. Figures are medians over the rounds; a ratio is ours over the baseline's within one round.",
        "Exit code 5 when there is only one processor.",
    ];

    private int Run(ParseResult parsed)
    {
        using var progress = new Progress();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("busbar-bench-");
        MmbiBenchReport report;
        try
        {
            report = new MmbiBenchmark(new MmbiBenchOptions
            {
                Rounds = parsed.GetValue(_rounds),
                Seconds = parsed.GetValue(_seconds).TotalSeconds,
                Dialect = (parsed.GetValue(_dialect) ?? MmbiDialect.V11).Name,
                WindowSize = parsed.GetValue(_size) ?? 2 << 20,
                Folder = folder.FullName,
                StartProgram = StartProgram,
            }).Run(new ProgressReports(progress));
        }
        finally
        {
            folder.Delete(recursive: true);
            progress.Dispose();
        }

        BenchOptions.ReportMissing(report.BaselinesMissing);
        BenchOptions.Publish(report, BusbarJson.Default.MmbiBenchReport, parsed.GetValue(_save), parsed.GetValue(_json), Print);
        return ExitCode.Success;
    }

    private static Process StartProgram(IReadOnlyList<string> arguments)
    {
        ProcessStartInfo start = OwnProgram.StartInfo(arguments);
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        return Process.Start(start) ?? throw new CommandException(ExitCode.MissingFacility, "a second process could not be started");
    }

    private static void Print(MmbiBenchReport report)
    {
        var table = new ResultTable(alignsRight: true, "wait", "size", "rtt p50 us", "p99 us", "max us", "k messages/s", "MB/s", "bytes alloc.", "cpu ns");
        foreach (MmbiBenchRow row in report.Rows)
        {
            table.Add(
                row.Wait, Text(row.Size, "0"), Text(row.RttP50Ns.Median / 1e3, "0.00"), Text(row.RttP99Ns.Median / 1e3, "0.00"), Text(row.RttMaxNs.Median / 1e3, "0.0"),
                Text(row.MessagesPerS.Median / 1e3, "0"), Text(row.BytesPerS.Median / 1e6, "0"), Text(row.AllocatedPerMessage.Median, "0.###"),
                Text(row.CpuNsPerMessage.Median, "0"));
        }

        table.Write();
        PrintSpreads("baseline", "median", report.Baselines, "0");
        PrintSpreads("ratio", "ours / baseline", report.Ratios, "0.00");
    }

    private static void PrintSpreads(string title, string figure, IReadOnlyDictionary<string, Spread> spreads, string format)
    {
        if (spreads.Count == 0) return;
        Console.Out.WriteLine();
        var table = new ResultTable(alignsRight: true, title, figure, "low", "high");
        foreach ((string name, Spread spread) in spreads) table.Add(name, Text(spread.Median, format), Text(spread.Low, format), Text(spread.High, format));
        table.Write();
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
