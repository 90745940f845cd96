// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Busbar.Cli;

/// <summary>Prints a <see cref="TopologyReport"/> for people.</summary>
internal static class TopologyReportText
{
    public static void Write(TopologyReport report, bool verbose)
    {
        Console.Out.WriteLine($"{report.Name}: {report.Processes} processes, {report.Links} links, {report.Endpoints.Count} endpoints, {Levels(report.BridgeLevels)}");
        Console.Out.WriteLine();
        if (verbose) WriteEndpoints(report);
        else WriteBridges(report);
        Console.Out.WriteLine();
        foreach (string failure in report.Failures) Console.Out.WriteLine($"{Terminal.Bad("FAILED")}    {failure}");
        Console.Out.WriteLine(report.Ok
            ? $"{Terminal.Good("ok")}: everybody found after {report.SettledS:0.0} s, {report.Messages} messages there and back ({report.MessagesAcross} from bridges), every byte right, {report.ElapsedS:0.0} s"
            : $"{Terminal.Bad("NOT ok")}: {report.Failures.Count} failures, {report.ElapsedS:0.0} s");
    }

    private static string Levels(int levels) => levels switch
    {
        0 => "no bridge",
        1 => "one level of bridges",
        _ => $"{levels} levels of bridges",
    };

    private static void WriteEndpoints(TopologyReport report)
    {
        var table = new ResultTable(alignsRight: false, "eid", "endpoint", "behind", "echo", "uuid");
        foreach (TopologyEndpoint endpoint in report.Endpoints)
            table.Add(Eid(endpoint), endpoint.Name, endpoint.Bridge ?? "-", $"{endpoint.Intact}/{endpoint.Sent}", endpoint.Uuid.ToString("D"));
        table.Write();
    }

    private static void WriteBridges(TopologyReport report)
    {
        var table = new ResultTable(alignsRight: false, "behind", "endpoints", "eids", "echo");
        foreach (IGrouping<string, TopologyEndpoint> group in report.Endpoints.GroupBy(endpoint => endpoint.Bridge ?? "(bus owner)"))
        {
            int[] eids = [.. group.Select(endpoint => endpoint.Eid).OfType<int>()];
            string range = eids.Length == 0 ? "-" : $"{eids.Min()}..{eids.Max()}";
            table.Add(group.Key, group.Count().ToString(CultureInfo.InvariantCulture), range, $"{group.Sum(endpoint => endpoint.Intact)}/{group.Sum(endpoint => endpoint.Sent)}");
        }

        table.Write();
    }

    private static string Eid(TopologyEndpoint endpoint) => endpoint.Eid?.ToString(CultureInfo.InvariantCulture) ?? "-";
}
