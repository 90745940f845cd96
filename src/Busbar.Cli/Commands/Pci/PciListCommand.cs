// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary><c>busbar pci list</c>: functions that Busbar can drive.</summary>
internal sealed class PciListCommand : BusbarCommand
{
    private readonly Option<bool> _all = new("--all") { Description = "Every function, also those that Busbar has no driver for." };
    private readonly Option<bool> _json = OptionKinds.Json();
    private readonly Option<string> _sysfs = PciOptions.Sysfs();

    public PciListCommand()
        : base("list", "List PCI functions that Busbar can drive: ivshmem (1af4:1110) and MMBI (class 0c0c00).")
    {
        foreach (Option option in (Option[])[_all, _json, _sysfs]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar pci list", "busbar pci list --all --json"];

    public override IReadOnlyList<string> Notes =>
    [
        "ACCESS says how a function would be opened now; '-' means that another driver has it: see 'busbar pci bind'.",
        "Exit code 1: there is no such function.",
    ];

    private int Run(ParseResult parsed)
    {
        var sysfs = new PciSysfs(parsed.GetValue(_sysfs)!);
        bool all = parsed.GetValue(_all);
        PciDeviceRow[] rows = [.. sysfs.List().Select(PciDeviceRow.From).Where(row => all || row.Supported)];
        if (parsed.GetValue(_json))
        {
            BusbarJson.WriteLine(new PciListReport { Devices = rows, NoIommu = Names.Snake(sysfs.NoIommu.ToString()) }, BusbarJson.Default.PciListReport);
        }
        else if (rows.Length > 0)
        {
            var table = new ResultTable(alignsRight: false, "BDF", "IDS", "CLASS", "KIND", "DRIVER", "GROUP", "ACCESS");
            foreach (PciDeviceRow row in rows)
            {
                table.Add(row.Address, row.Ids, row.Class, row.Kind, row.Driver ?? "-", row.IommuGroup?.ToString() ?? "-", row.Access ?? "-");
            }

            table.Write();
        }
        else
        {
            Console.Error.WriteLine(all ? "busbar: there are no PCI functions" : "busbar: no PCI function that Busbar can drive; 'busbar pci list --all' shows the others");
        }

        return rows.Length > 0 ? ExitCode.Success : ExitCode.Negative;
    }
}
