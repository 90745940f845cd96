// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary><c>busbar pci bind</c>: gives a function to the driver that lets processes use it.</summary>
internal sealed class PciBindCommand : BusbarCommand
{
    private readonly Argument<PciAddress> _address = PciOptions.Address();
    private readonly Option<string?> _driver = OptionKinds.Choice("--driver", "vfio-pci (the default), or uio_pci_generic where there is no VFIO.", "NAME", PciBinder.VfioDriver, "uio_pci_generic");
    private readonly Option<bool> _noIommu = new("--no-iommu")
    {
        Description = "Without an IOMMU: switch on VFIO's unsafe mode. The device can then reach all memory, and the kernel is tainted.",
    };

    private readonly Option<bool> _force = new("--force") { Description = "Take the function even from a disk or network driver that is using it." };
    private readonly Option<bool> _json = OptionKinds.Json();
    private readonly Option<string> _sysfs = PciOptions.Sysfs();

    public PciBindCommand()
        : base("bind", "Bind one function to vfio-pci, so that processes can use it. Its former driver is remembered until the next boot.")
    {
        Arguments.Add(_address);
        foreach (Option option in (Option[])[_driver, _noIommu, _force, _json, _sysfs]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar pci bind 00:04.0", "busbar pci bind 00:04.0 --no-iommu", "busbar pci bind 00:05.0 --driver uio_pci_generic"];

    public override IReadOnlyList<string> Notes => ["Needs root. Other functions with the same identifiers are not touched."];

    private int Run(ParseResult parsed)
    {
        PciAddress address = parsed.GetValue(_address);
        var sysfs = new PciSysfs(parsed.GetValue(_sysfs)!);
        PciBindResult result = new PciBinder(sysfs).Bind(
            address, parsed.GetValue(_driver) ?? PciBinder.VfioDriver, parsed.GetValue(_noIommu), parsed.GetValue(_force));
        PciBindText.Write(PciBindReport.From(address, result, sysfs.Find(address)), parsed.GetValue(_json));
        return ExitCode.Success;
    }
}
