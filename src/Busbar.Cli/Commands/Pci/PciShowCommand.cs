// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary><c>busbar pci show</c>: a function's configuration space, decoded.</summary>
internal sealed class PciShowCommand : BusbarCommand
{
    private const int DumpWidth = 16;

    private readonly Argument<PciAddress> _address = PciOptions.Address();
    private readonly Option<bool> _dump = new("--hex", "-x") { Description = "Also dump the configuration space." };
    private readonly Option<bool> _json = OptionKinds.Json();
    private readonly Option<string> _sysfs = PciOptions.Sysfs();

    public PciShowCommand()
        : base("show", "Decode the configuration space, the BARs and the capabilities of a function. Changes nothing; any driver may have it.")
    {
        Arguments.Add(_address);
        foreach (Option option in (Option[])[_dump, _json, _sysfs]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar pci show 00:04.0", "busbar pci show 0000:00:04.0 -x", "busbar pci show 00:04.0 --json"];

    public override IReadOnlyList<string> Notes =>
    [
        "Without privileges the kernel shows the first 64 bytes only, and so no capabilities.",
        "Exit code 1: nobody answers there, a list of capabilities is broken, or the table of MSI-X is outside its BAR; the faults say how.",
    ];

    private int Run(ParseResult parsed)
    {
        PciAddress address = parsed.GetValue(_address);
        var sysfs = new PciSysfs(parsed.GetValue(_sysfs)!);
        PciSysfsDevice device = sysfs.Find(address)
            ?? throw new PciDeviceException(PciDeviceFault.NotFound, $"there is no PCI function {address}: 'busbar pci list --all' shows those that are there");
        using SysfsConfigSpace config = SysfsConfigSpace.Open(device, readOnly: true);
        PciConfigImage image = PciConfigImage.Read(config);
        PciHeader header = PciHeader.Read(image);
        PciCapabilityLists lists = PciCapabilityLists.Walk(image);
        IReadOnlyList<string> faults = [.. lists.Faults, .. PciRows.MsixFaults(image, lists, device.Resources)];
        bool dump = parsed.GetValue(_dump);
        var report = new PciShowReport
        {
            Device = PciDeviceRow.From(device),
            ConfigBytes = image.Length,
            Header = [.. PciRows.Header(header)],
            Bars = [.. PciRows.Bars(image, device.Resources)],
            Capabilities = [.. PciRows.Capabilities(image, lists)],
            Faults = faults,
            GroupMembers = device.IommuGroup is { } group ? [.. sysfs.InGroup(group).Where(member => member.Address != address).Select(Member)] : null,
            Config = dump ? Convert.ToHexStringLower(image.Bytes) : null,
        };
        if (parsed.GetValue(_json)) BusbarJson.WriteLine(report, BusbarJson.Default.PciShowReport);
        else Write(report, image, dump);
        return header.IsPresent && faults.Count == 0 ? ExitCode.Success : ExitCode.Negative;
    }

    private static string Member(PciSysfsDevice member) => $"{member.Address} ({member.Driver ?? "no driver"})";

    private static void Write(PciShowReport report, PciConfigImage image, bool dump)
    {
        PciDeviceRow device = report.Device;
        Console.Out.WriteLine($"{device.Address} {device.Ids} {device.Kind}, driver {device.Driver ?? "none"}, IOMMU group {device.IommuGroup?.ToString() ?? "none"}");
        if (report.GroupMembers is { Count: > 0 } members) Console.Out.WriteLine("  group shared with " + string.Join(", ", members));
        Console.Out.WriteLine();
        var header = new ResultTable(alignsRight: false, "FIELD", "RAW", "MEANING");
        foreach (FieldRow row in report.Header) header.Add(row.Field, row.Raw, row.Meaning);
        header.Write();
        if (report.Bars.Count > 0)
        {
            Console.Out.WriteLine();
            var bars = new ResultTable(alignsRight: false, "BAR", "KIND", "ADDRESS", "BYTES", "PREFETCHABLE");
            foreach (PciBarRow bar in report.Bars)
            {
                bars.Add(bar.Bar.ToString(), bar.Kind, bar.Address ?? "none", bar.Bytes?.ToString() ?? "?", bar.Prefetchable ? "yes" : "no");
            }

            bars.Write();
        }

        if (report.Capabilities.Count > 0)
        {
            Console.Out.WriteLine();
            var capabilities = new ResultTable(alignsRight: false, "OFFSET", "ID", "CAPABILITY", "DETAILS");
            foreach (PciCapabilityRow row in report.Capabilities)
            {
                capabilities.Add(row.Offset, row.Id, row.Name, row.Details ?? (row.Decoded == false ? "makes no sense" : string.Empty));
            }

            capabilities.Write();
        }

        foreach (string fault in report.Faults) Console.Out.WriteLine(Terminal.Bad("fault: ") + fault);
        if (report.ConfigBytes < PciConfigRegisters.ConventionalLength)
        {
            Console.Error.WriteLine($"busbar: only {report.ConfigBytes} bytes of the configuration space could be read: run as root for the capabilities");
        }

        if (!dump) return;
        Console.Out.WriteLine();
        for (int offset = 0; offset < image.Length; offset += DumpWidth) Console.Out.WriteLine($"{offset:x3}: {Hex.Format(image.Slice(offset, DumpWidth))}");
    }
}
