// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary><c>busbar pci read</c>: looks at registers behind a BAR.</summary>
internal sealed class PciReadCommand : BusbarCommand
{
    private const int MostRegisters = 65_536;

    private readonly Argument<PciAddress> _address = PciOptions.Address();
    private readonly Argument<int> _bar = PciOptions.Bar();
    private readonly Argument<int> _offset = PciOptions.Offset();
    private readonly Option<int> _width = PciOptions.Width();
    private readonly Option<int> _count = OptionKinds.Number("--count", "Registers to read, one behind the other.", "N", 1, 1, MostRegisters);
    private readonly Option<string?> _backend = PciOptions.Backend();
    private readonly Option<bool> _json = OptionKinds.Json();

    public PciReadCommand()
        : base("read", "Read registers in a BAR, each with one access of the width asked for.")
    {
        foreach (Argument argument in (Argument[])[_address, _bar, _offset]) Arguments.Add(argument);
        foreach (Option option in (Option[])[_width, _count, _backend, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar pci read 00:04.0 0 0x8", "busbar pci read 00:04.0 0 0 --count 16", "busbar pci read 00:04.0 2 0x1000 --width 64"];

    public override IReadOnlyList<string> Notes =>
    [
        "The function must be bound to vfio-pci, to uio_pci_generic or to nothing. Reading can change a device: know your registers.",
        "VFIO resets a function that can be reset when it is opened and closed; through sysfs it keeps its state.",
    ];

    private int Run(ParseResult parsed)
    {
        (int bar, int offset, int width, int count) = (parsed.GetValue(_bar), parsed.GetValue(_offset), parsed.GetValue(_width), parsed.GetValue(_count));
        using IPciDevice device = PciDevices.Open(parsed.GetValue(_address), PciOptions.ToBackend(parsed.GetValue(_backend)));
        PciWindow window = PciWindow.Map(device, bar, offset, width, count);
        var values = new List<PciRegisterValue>(count);
        string format = "x" + (width / 4);
        for (int i = 0; i < count; i++) values.Add(new PciRegisterValue($"0x{offset + (i * (width / 8L)):x}", "0x" + window.Read(i).ToString(format)));
        var report = new PciAccessReport { Address = device.Name, Backend = device.Backend, Bar = bar, Width = width, Values = values, Notes = PciNotes.Of(device) };
        PciAccessText.Write(report, parsed.GetValue(_json));
        return ExitCode.Success;
    }
}
