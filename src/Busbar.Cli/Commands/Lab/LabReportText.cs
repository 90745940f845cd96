// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Prints a <see cref="LabReport"/> for people.</summary>
internal static class LabReportText
{
    /// <summary>Prints one link after the other, and a verdict on all.</summary>
    public static void Write(LabLinksReport report, bool verbose)
    {
        foreach (LabReport link in report.Links)
        {
            Console.Out.WriteLine($"=== {link.Link.Name}");
            Write(link, verbose);
            Console.Out.WriteLine();
        }

        int good = report.Links.Count(link => link.Ok);
        Console.Out.WriteLine(report.Ok
            ? $"{Terminal.Good("ok")}: {good} links at once, {report.Links.Sum(Messages)} messages there and back, {report.ElapsedS:0.0} s"
            : $"{Terminal.Bad("NOT ok")}: {report.Links.Count - good} of {report.Links.Count} links failed, {report.ElapsedS:0.0} s");
    }

    public static void Write(LabReport report, bool verbose)
    {
        if (report.Endpoint is not null) WriteLink(report, report.Endpoint);
        if (verbose && report.Counters is not null) WriteCounters(report.Counters);
        Console.Out.WriteLine();
        foreach (string failure in report.Failures) Console.Out.WriteLine($"{Terminal.Bad("FAILED")}    {failure}");
        Console.Out.WriteLine(report.Ok
            ? $"{Terminal.Good("ok")}: {Messages(report)} messages there and back, every byte right, {report.Link.Resets} resets survived, {report.ElapsedS:0.0} s"
            : $"{Terminal.Bad("NOT ok")}: {report.Failures.Count} failures, {report.ElapsedS:0.0} s");
    }

    /// <summary>Messages that went there and back.</summary>
    public static long Messages(LabReport report) =>
        report.Echo.Sum(row => (long)row.Count) + (report.Sweep?.Count ?? 0) + (report.Random?.Count ?? 0) + (report.EndpointRequests?.Count ?? 0);

    private static void WriteLink(LabReport report, LabEndpoint endpoint)
    {
        string process = endpoint.Pid is { } pid ? $"process {pid}, " : string.Empty;
        Console.Out.WriteLine($"link      {report.Link.State}, dialect {report.Dialect}, window {report.WindowBytes} bytes, wait {report.Wait}, MTU {report.Link.Mtu}");
        Console.Out.WriteLine($"endpoint  {process}EID {endpoint.Eid}, UUID {endpoint.Uuid ?? "not told"}");
        Console.Out.WriteLine($"          types {string.Join(' ', endpoint.Types.Select(type => $"0x{type:x2}"))}, MCTP {Last(endpoint.Versions, "base")}, control {Last(endpoint.Versions, "0")}");
        Console.Out.WriteLine();
        var table = new ResultTable(alignsRight: true, "echo bytes", "ok", "p50 us", "p99 us", "messages/s");
        foreach (LabEcho row in report.Echo) table.Add($"{row.Size}", $"{row.Ok}/{row.Count}", $"{row.P50Us:0.0}", $"{row.P99Us:0.0}", $"{row.MessagesPerS:0}");
        table.Write();
        Console.Out.WriteLine();
        WriteBatch(IsWhole(report.Sweep) ? "every size" : "sweep", report.Sweep);
        WriteBatch("random sizes", report.Random);
        WriteBatch("asked by the endpoint", report.EndpointRequests);
        foreach (LabReset reset in report.Resets)
            Console.Out.WriteLine($"reset by the {reset.By}: up again after {reset.RecoveredMs:0.0} ms, EID {(reset.EidKept ? "kept" : "assigned again")}");
    }

    private static string Last(IReadOnlyDictionary<string, IReadOnlyList<string>> versions, string of) =>
        versions.TryGetValue(of, out IReadOnlyList<string>? list) && list.Count > 0 ? list[^1] : "unknown";

    private static bool IsWhole(LabBatch? sweep) => sweep is not null && sweep.Count == sweep.Largest - sweep.Smallest + 1;

    private static void WriteBatch(string name, LabBatch? batch)
    {
        if (batch is not null) Console.Out.WriteLine($"{name}: {batch.Smallest}..{batch.Largest} bytes, {batch.Ok}/{batch.Count} ok");
    }

    private static void WriteCounters(LabCounters counters)
    {
        Console.Out.WriteLine();
        var names = new List<string>();
        Dictionary<string, long> lab = Collect(counters.Lab);
        Dictionary<string, long> endpoint = counters.Endpoint is null ? [] : Collect(counters.Endpoint);
        ResultTable table = counters.Endpoint is null
            ? new ResultTable(alignsRight: true, "counter", "lab")
            : new ResultTable(alignsRight: true, "counter", "lab", "endpoint");
        foreach (string name in names)
        {
            if (counters.Endpoint is null) table.Add(name, $"{lab.GetValueOrDefault(name)}");
            else table.Add(name, $"{lab.GetValueOrDefault(name)}", $"{endpoint.GetValueOrDefault(name)}");
        }

        table.Write();

        Dictionary<string, long> Collect(CounterReport report)
        {
            var found = new Dictionary<string, long>(StringComparer.Ordinal);
            foreach ((string name, long value) in report.Rows())
            {
                if (!names.Contains(name)) names.Add(name);
                found[name] = value;
            }

            return found;
        }
    }
}
