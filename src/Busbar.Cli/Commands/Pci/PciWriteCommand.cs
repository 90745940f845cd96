// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary><c>busbar pci write</c>: changes a register behind a BAR.</summary>
internal sealed class PciWriteCommand : BusbarCommand
{
    private readonly Argument<PciAddress> _address = PciOptions.Address();
    private readonly Argument<int> _bar = PciOptions.Bar();
    private readonly Argument<int> _offset = PciOptions.Offset();
    private readonly Argument<string[]> _values = new("VALUE")
    {
        Description = "What to write; several values go to registers one behind the other.",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<int> _width = PciOptions.Width();
    private readonly Option<bool> _back = new("--read-back") { Description = "Read the registers afterwards, and print what they say." };
    private readonly Option<string?> _backend = PciOptions.Backend();
    private readonly Option<bool> _json = OptionKinds.Json();

    public PciWriteCommand()
        : base("write", "Write registers in a BAR, each with one access of the width asked for, and print them.")
    {
        foreach (Argument argument in (Argument[])[_address, _bar, _offset, _values]) Arguments.Add(argument);
        foreach (Option option in (Option[])[_width, _back, _backend, _json]) Options.Add(option);
        SetAction(Run);
    }

    public override IReadOnlyList<string> Examples => ["busbar pci write 00:04.0 0 0xc 0x10000", "busbar pci write 00:05.0 0 0x4 0x12345678 --read-back"];

    public override IReadOnlyList<string> Notes => ["As for 'busbar pci read'. A wrong register can stop a device, or the machine."];

    private int Run(ParseResult parsed)
    {
        (int bar, int offset, int width) = (parsed.GetValue(_bar), parsed.GetValue(_offset), parsed.GetValue(_width));
        ulong[] values = [.. parsed.GetValue(_values)!.Select(text => Parse(text, width))];
        using IPciDevice device = PciDevices.Open(parsed.GetValue(_address), PciOptions.ToBackend(parsed.GetValue(_backend)));
        PciWindow window = PciWindow.Map(device, bar, offset, width, values.Length);
        for (int i = 0; i < values.Length; i++) window.Write(i, values[i]);
        if (parsed.GetValue(_back)) values = [.. values.Select((_, index) => window.Read(index))];
        string format = "x" + (width / 4);
        PciRegisterValue[] rows = [.. values.Select((value, i) => new PciRegisterValue($"0x{offset + (i * (width / 8L)):x}", "0x" + value.ToString(format)))];
        var report = new PciAccessReport { Address = device.Name, Backend = device.Backend, Bar = bar, Width = width, Values = rows, Notes = PciNotes.Of(device) };
        PciAccessText.Write(report, parsed.GetValue(_json));
        return ExitCode.Success;
    }

    private static ulong Parse(string text, int width)
    {
        if (PciOptions.TryParseValue(text, out ulong value) && (width == 64 || value >> width == 0)) return value;
        throw new CommandException(ExitCode.Usage, $"'{text}' is no value of {width} bits: write a number, 0x for hexadecimal");
    }
}
