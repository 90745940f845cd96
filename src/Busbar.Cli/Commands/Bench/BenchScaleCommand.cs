// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.Globalization;
using Busbar.Bench;

namespace Busbar.Cli;

/// <summary><c>busbar bench scale</c>: many links, networks and emulated endpoints in one process.</summary>
internal sealed class BenchScaleCommand : BusbarCommand
{
    private const int Most = 1_000_000;

    private readonly Option<int> _links = OptionKinds.Number("--links", "Buses, each a link of the stack in the middle.", "N", 200, 1, Most);
    private readonly Option<int> _endpoints = OptionKinds.Number("--endpoints", "Emulated endpoints on them.", "N", 10_000, 1, Most);
    private readonly Option<int> _networks = OptionKinds.Number("--networks", "Networks, over which the buses are spread.", "N", 50, 1, Most);
    private readonly Option<bool> _enumerate = new("--enumerate") { Description = "Also enumerate a network of 240 endpoints, directly and behind a bridge." };
    private readonly Option<int> _rounds = BenchOptions.Rounds();
    private readonly Option<string?> _save = BenchOptions.Save();
    private readonly Option<bool> _json = OptionKinds.Json();

    public BenchScaleCommand()
        : base("scale", "Many links, networks and emulated endpoints in one process: their memory, and the time to ask them all.")
    {
        foreach (Option option in (Option[])[_links, _endpoints, _networks, _enumerate, _rounds, _save, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar bench scale --enumerate", "busbar bench scale --links 8 --endpoints 240 --networks 1 --json"];

    public override IReadOnlyList<string> Notes => ["Memory is that of the managed heap, everything included, divided by the endpoints."];

    private int Run(ParseResult parsed)
    {
        using var progress = new Progress();
        DirectoryInfo? folder = parsed.GetValue(_enumerate) ? Directory.CreateTempSubdirectory("busbar-bench-") : null;
        ScaleBenchReport report;
        try
        {
            report = new ScaleBenchmark(new ScaleBenchOptions
            {
                Links = parsed.GetValue(_links),
                Endpoints = parsed.GetValue(_endpoints),
                Networks = parsed.GetValue(_networks),
                Folder = folder?.FullName,
                Rounds = parsed.GetValue(_rounds),
            }).Run(new ProgressReports(progress));
        }
        catch (ArgumentException wrong)
        {
            throw new CommandException(ExitCode.Usage, wrong.Message.Split(" (Parameter", 2)[0], wrong);
        }
        finally
        {
            folder?.Delete(recursive: true);
        }

        progress.Dispose();
        BenchOptions.Publish(report, BusbarJson.Default.ScaleBenchReport, parsed.GetValue(_save), parsed.GetValue(_json), Print);
        return ExitCode.Success;
    }

    private static void Print(ScaleBenchReport report)
    {
        var table = new ResultTable(
            alignsRight: true, "links", "networks", "endpoints", "bytes idle", "bytes asked", "ask all ms", "best", "us/exchange", "bytes alloc.");
        table.Add(
            Text(report.Links, "0"), Text(report.Networks, "0"), Text(report.Endpoints, "0"), Text(report.BytesPerIdleEndpoint, "0"),
            Text(report.BytesPerAskedEndpoint, "0"), Text(report.AskAllMs.Median, "0.0"), Text(report.AskAllMs.Low, "0.0"),
            Text(report.NsPerExchange.Median / 1e3, "0.00"), Text(report.AllocatedPerExchange, "0.###"));
        table.Write();
        if (report.EnumerateDirectMs is not { } direct || report.EnumerateBridgedMs is not { } bridged) return;
        Console.Out.WriteLine();
        var enumeration = new ResultTable(alignsRight: true, "enumeration of", "direct ms", "best", "behind a bridge ms", "best");
        enumeration.Add(
            Text(report.EnumeratedEndpoints, "0"), Text(direct.Median, "0"), Text(direct.Low, "0"), Text(bridged.Median, "0"), Text(bridged.Low, "0"));
        enumeration.Write();
    }

    private static string Text(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
}
