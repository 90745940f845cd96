// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Says which driver has a function now.</summary>
internal static class PciBindText
{
    public static void Write(PciBindReport report, bool json)
    {
        if (json)
        {
            BusbarJson.WriteLine(report, BusbarJson.Default.PciBindReport);
            return;
        }

        string now = report.Driver ?? "no driver";
        Console.Out.WriteLine(report.Former == report.Driver ? $"{report.Address}: {now}, as before" : $"{report.Address}: {report.Former ?? "no driver"} -> {now}");
        PciNotes.Write(report.Notes);
    }
}
