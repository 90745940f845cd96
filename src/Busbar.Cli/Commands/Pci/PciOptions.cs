// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Completions;
using System.CommandLine.Parsing;
using System.Globalization;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>Arguments and options that the commands on PCI functions share.</summary>
internal static class PciOptions
{
    /// <summary>The function; completion lists those of this machine.</summary>
    public static Argument<PciAddress> Address()
    {
        var argument = new Argument<PciAddress>("BDF")
        {
            Description = "The function, with or without domain: 0000:00:04.0 or 00:04.0.",
            HelpName = "BDF",
            CustomParser = result =>
            {
                if (PciAddress.TryParse(result.Tokens[0].Value, out PciAddress address)) return address;
                result.AddError($"'{result.Tokens[0].Value}' is no PCI address: write 0000:00:04.0 or 00:04.0");
                return default;
            },
        };
        argument.CompletionSources.Add(Complete);
        return argument;
    }

    /// <summary>A folder laid out like /sys, for looking at a copy of another machine's.</summary>
    public static Option<string> Sysfs() => new("--sysfs")
    {
        Description = "Folder laid out like /sys.",
        HelpName = "FOLDER",
        Hidden = true,
        DefaultValueFactory = _ => "/sys",
    };

    public static Option<string?> Backend() =>
        OptionKinds.Choice("--backend", "How to open the function: vfio, iommufd or sysfs. By default what its driver suggests.", "NAME", "vfio", "iommufd", "sysfs");

    public static PciBackend ToBackend(string? word) => word switch
    {
        "vfio" => PciBackend.Vfio,
        "iommufd" => PciBackend.Iommufd,
        "sysfs" => PciBackend.Sysfs,
        _ => PciBackend.Automatic,
    };

    public static Argument<int> Bar()
    {
        var argument = new Argument<int>("BAR")
        {
            Description = "The window, 0 to 5.",
            HelpName = "BAR",
            CustomParser = result => Number(result, "BAR", PciConfigRegisters.BarCount - 1),
        };
        argument.CompletionSources.Add("0", "1", "2", "3", "4", "5");
        return argument;
    }

    public static Argument<int> Offset() => new("OFFSET")
    {
        Description = "Bytes from the window's start, a multiple of the width; 0x for hexadecimal.",
        CustomParser = result => Number(result, "OFFSET", int.MaxValue),
    };

    public static Option<int> Width()
    {
        var option = new Option<int>("--width")
        {
            Description = "Bits of an access: 8, 16, 32 or 64.",
            HelpName = "BITS",
            DefaultValueFactory = _ => 32,
            CustomParser = result =>
            {
                if (result.Tokens[0].Value is "8" or "16" or "32" or "64") return int.Parse(result.Tokens[0].Value, CultureInfo.InvariantCulture);
                result.AddError($"--width {result.Tokens[0].Value}: use 8, 16, 32 or 64");
                return 32;
            },
        };
        option.CompletionSources.Add("8", "16", "32", "64");
        return option;
    }

    /// <summary>Reads a value of up to 64 bits, decimal or hexadecimal with 0x.</summary>
    public static bool TryParseValue(string text, out ulong value) => text.StartsWith("0x", StringComparison.OrdinalIgnoreCase)
        ? ulong.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
        : ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);

    private static int Number(ArgumentResult result, string name, int high)
    {
        if (OptionKinds.TryParseNumber(result.Tokens[0].Value, 0, high, out int value)) return value;
        result.AddError($"{name} {result.Tokens[0].Value}: write a number from 0 to 0x{high:x}");
        return 0;
    }

    private static IEnumerable<CompletionItem> Complete(CompletionContext context) =>
        from device in PciSysfs.System.List()
        let full = device.Address.ToString()
        let name = context.WordToComplete.Length > 0 && !full.StartsWith(context.WordToComplete, StringComparison.Ordinal) && device.Address.Domain == 0 ? full[5..] : full
        where name.StartsWith(context.WordToComplete, StringComparison.Ordinal)
        select new CompletionItem(name);
}
