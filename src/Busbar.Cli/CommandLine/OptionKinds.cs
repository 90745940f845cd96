// SPDX-License-Identifier: Apache-2.0
using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>Options that several commands share, and how their values are read.</summary>
internal static class OptionKinds
{
    /// <summary>Longest time that an option takes: a day.</summary>
    private const double LongestSeconds = 86_400;

    public static Option<bool> Json(string description = "Print one JSON object instead of text.") => new("--json") { Description = description };

    public static Option<bool> Verbose() => new("--verbose", "-v") { Description = "Show every counter." };

    /// <summary>An EID that may be assigned, 8..254.</summary>
    public static Option<Eid?> Eid(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "EID",
        CustomParser = result =>
        {
            if (TryParseNumber(result.Tokens[0].Value, 8, 254, out int value)) return new Eid((byte)value);
            result.AddError($"{name} {result.Tokens[0].Value}: an EID is a number from 8 to 254");
            return null;
        },
    };

    public static Option<Guid?> Uuid(string description) => new("--uuid")
    {
        Description = description,
        HelpName = "UUID",
        CustomParser = result =>
        {
            if (Guid.TryParse(result.Tokens[0].Value, out Guid uuid)) return uuid;
            result.AddError($"--uuid {result.Tokens[0].Value}: write a UUID like 0a0b0c0d-1111-2222-3333-444455556666");
            return null;
        },
    };

    /// <summary>A whole number within bounds; decimal, or hexadecimal with 0x.</summary>
    public static Option<int> Number(string name, string description, string help, int standard, int low, int high) => new(name)
    {
        Description = description,
        HelpName = help,
        DefaultValueFactory = _ => standard,
        CustomParser = result =>
        {
            if (TryParseNumber(result.Tokens[0].Value, low, high, out int value)) return value;
            result.AddError($"{name} {result.Tokens[0].Value}: write a number from {low} to {high}");
            return standard;
        },
    };

    /// <summary>A length of time in seconds, with decimals.</summary>
    public static Option<TimeSpan> Seconds(string name, string description, double standard, double low = 0) => new(name)
    {
        Description = description,
        HelpName = "SECONDS",
        DefaultValueFactory = _ => TimeSpan.FromSeconds(standard),
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            bool good = double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double seconds);
            if (good && seconds >= low && seconds <= LongestSeconds) return TimeSpan.FromSeconds(seconds);
            result.AddError($"{name} {text}: write seconds, for instance 0.5, at least {low.ToString(CultureInfo.InvariantCulture)}");
            return TimeSpan.FromSeconds(standard);
        },
    };

    /// <summary>A byte count, a power of two, with an optional K, M or G.</summary>
    public static Option<int?> WindowSize(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "BYTES",
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            bool good = LinkSpecParser.TryParseSize(text, out long bytes) && bytes is >= 4096 and <= 1 << 30 && long.IsPow2(bytes);
            if (good) return (int)bytes;
            result.AddError($"{name} {text}: write a power of two from 4K to 1G, for instance 2M");
            return null;
        },
    };

    public static Option<MmbiDialect?> Dialect()
    {
        var option = new Option<MmbiDialect?>("--dialect")
        {
            Description = "MMBI dialect of the window: " + string.Join(", ", MmbiDialect.All.Select(dialect => dialect.Name)) + ".",
            HelpName = "DIALECT",
            CustomParser = result =>
            {
                if (MmbiDialect.TryParse(result.Tokens[0].Value, out MmbiDialect? dialect)) return dialect;
                result.AddError($"--dialect {result.Tokens[0].Value}: use {string.Join(", ", MmbiDialect.All.Select(known => known.Name))}");
                return null;
            },
        };
        option.CompletionSources.Add([.. MmbiDialect.All.Select(dialect => dialect.Name)]);
        return option;
    }

    /// <summary>One of a few words.</summary>
    public static Option<string?> Choice(string name, string description, string help, params string[] words)
    {
        var option = new Option<string?>(name)
        {
            Description = description,
            HelpName = help,
            CustomParser = result =>
            {
                string word = result.Tokens[0].Value;
                if (words.Contains(word)) return word;
                result.AddError($"{name} {word}: use {string.Join(", ", words)}");
                return null;
            },
        };
        option.CompletionSources.Add(words);
        return option;
    }

    /// <summary>A message type by number or name.</summary>
    public static Option<MessageType?> Type(bool required, string description = "Message type: a number, with bit 7 for an integrity check, or ")
    {
        var option = new Option<MessageType?>("--type")
        {
            Description = description + string.Join(", ", Names.MessageTypes) + ".",
            HelpName = "TYPE",
            Required = required,
            CustomParser = result =>
            {
                string text = result.Tokens[0].Value;
                if (Names.FindType(text) is { } named) return named;
                if (TryParseNumber(text, 0, 255, out int number)) return new MessageType((byte)number);
                result.AddError($"--type {text}: write a number from 0 to 0xff, or one of {string.Join(", ", Names.MessageTypes)}");
                return null;
            },
        };
        option.CompletionSources.Add([.. Names.MessageTypes]);
        return option;
    }

    /// <summary>Reads a whole number, decimal or hexadecimal with 0x.</summary>
    public static bool TryParseNumber(string text, int low, int high, out int value)
    {
        bool isHex = text.StartsWith("0x", StringComparison.OrdinalIgnoreCase);
        bool good = isHex
            ? int.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value)
            : int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value);
        return good && value >= low && value <= high;
    }
}
