// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Prints registers, a line each.</summary>
internal static class PciAccessText
{
    public static void Write(PciAccessReport report, bool json)
    {
        if (json)
        {
            BusbarJson.WriteLine(report, BusbarJson.Default.PciAccessReport);
            return;
        }

        foreach (PciRegisterValue value in report.Values) Console.Out.WriteLine($"{value.Offset}: {value.Value}");
        PciNotes.Write(report.Notes);
    }
}
