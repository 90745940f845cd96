// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Prints a <see cref="LabReport"/> for people.</summary>
internal static class LabReportText
{
    public static void Write(LabReport report, bool verbose)
    {
        Console.Out.WriteLine($"link      {report.Link.State}, dialect {report.Dialect}, window {report.WindowBytes} bytes, wait {report.Wait}, MTU {report.Link.Mtu}");
        Console.Out.WriteLine($"endpoint  process {report.Endpoint.Pid}, EID {report.Endpoint.Eid}, UUID {report.Endpoint.Uuid}");
        Console.Out.WriteLine($"          types {string.Join(' ', report.Endpoint.Types.Select(type => $"0x{type:x2}"))}, MCTP {Last(report.Endpoint.Versions, "base")}, control {Last(report.Endpoint.Versions, "0")}");
        Console.Out.WriteLine();
        var table = new ResultTable(alignsRight: true, "echo bytes", "ok", "p50 us", "p99 us", "messages/s");
        foreach (LabEcho row in report.Echo) table.Add($"{row.Size}", $"{row.Ok}/{row.Count}", $"{row.P50Us:0.0}", $"{row.P99Us:0.0}", $"{row.MessagesPerS:0}");
        table.Write();
        Console.Out.WriteLine();
        WriteBatch("every size", report.Sweep);
        WriteBatch("random sizes", report.Random);
        WriteBatch("asked by the endpoint", report.EndpointRequests);
        foreach (LabReset reset in report.Resets)
            Console.Out.WriteLine($"reset by the {reset.By}: up again after {reset.RecoveredMs:0.0} ms, EID {(reset.EidKept ? "kept" : "assigned again")}");
        if (verbose) WriteCounters(report.Counters);
        Console.Out.WriteLine();
        foreach (string failure in report.Failures) Console.Out.WriteLine($"{Terminal.Bad("FAILED")}    {failure}");
        long messages = report.Echo.Sum(row => (long)row.Count) + report.Sweep.Count + report.Random.Count + report.EndpointRequests.Count;
        Console.Out.WriteLine(report.Ok
            ? $"{Terminal.Good("ok")}: {messages} messages there and back, every byte right, {report.Link.Resets} resets survived, {report.ElapsedS:0.0} s"
            : $"{Terminal.Bad("NOT ok")}: {report.Failures.Count} failures, {report.ElapsedS:0.0} s");
    }

    private static string Last(IReadOnlyDictionary<string, IReadOnlyList<string>> versions, string of) =>
        versions.TryGetValue(of, out IReadOnlyList<string>? list) && list.Count > 0 ? list[^1] : "unknown";

    private static void WriteBatch(string name, LabBatch batch) =>
        Console.Out.WriteLine($"{name}: {batch.Smallest}..{batch.Largest} bytes, {batch.Ok}/{batch.Count} ok");

    private static void WriteCounters(LabCounters counters)
    {
        Console.Out.WriteLine();
        var names = new List<string>();
        Dictionary<string, long> lab = Collect(counters.Lab);
        Dictionary<string, long> endpoint = counters.Endpoint is null ? [] : Collect(counters.Endpoint);
        var table = new ResultTable(alignsRight: true, "counter", "lab", "endpoint");
        foreach (string name in names) table.Add(name, $"{lab.GetValueOrDefault(name)}", $"{endpoint.GetValueOrDefault(name)}");
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
