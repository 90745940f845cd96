// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary><c>busbar pci unbind</c>: gives a function back to its former driver.</summary>
internal sealed class PciUnbindCommand : BusbarCommand
{
    private readonly Argument<PciAddress> _address = PciOptions.Address();
    private readonly Option<bool> _json = OptionKinds.Json();
    private readonly Option<string> _sysfs = PciOptions.Sysfs();

    public PciUnbindCommand()
        : base("unbind", "Undo 'busbar pci bind': the function goes back to its former driver, or to the one that the kernel chooses.")
    {
        Arguments.Add(_address);
        foreach (Option option in (Option[])[_json, _sysfs]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar pci unbind 00:04.0"];

    public override IReadOnlyList<string> Notes => ["Needs root. A function that a process has open is refused with 2, because the kernel would wait for that process without limit."];

    private int Run(ParseResult parsed)
    {
        PciAddress address = parsed.GetValue(_address);
        var sysfs = new PciSysfs(parsed.GetValue(_sysfs)!);
        PciBindResult result = new PciBinder(sysfs).Unbind(address);
        PciBindText.Write(PciBindReport.From(address, result, sysfs.Find(address)), parsed.GetValue(_json));
        return ExitCode.Success;
    }
}
