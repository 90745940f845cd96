// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Busbar.Node;

/// <summary>Reads LINK arguments. Every refusal is one line that names the culprit and the remedy.</summary>
public static class LinkSpecParser
{
    /// <summary>The grammar, for help texts.</summary>
    public const string Grammar = MmbiLinkText.Grammar + "; " + SerialLinkText.Grammar + "; " + DevelopmentLinkText.Grammar + "; " + AstlpcLinkText.Grammar;

    internal const int SmallestWindow = 8192;
    internal const int LargestWindow = 1 << 30;

    /// <summary>The words that a LINK may start with, each with its colon.</summary>
    public static IReadOnlyList<string> Bindings { get; } = ["mmbi:", "serial:", "dev:", "astlpc:"];

    /// <summary>Parses a LINK.</summary>
    /// <param name="text">The argument as the user typed it.</param>
    /// <param name="spec">The meaning.</param>
    /// <param name="error">One line that names the culprit and the remedy.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out LinkSpec? spec, [NotNullWhen(false)] out string? error)
    {
        spec = null;
        if (text.Any(char.IsControl))
        {
            error = "a link contains a control character; write it in one line of printable characters";
            return false;
        }

        var link = LinkText.Split(text);
        switch (link.Binding)
        {
            case "mmbi":
                return MmbiLinkText.TryParse(link, out spec, out error);
            case "serial":
                return SerialLinkText.TryParse(link, out spec, out error);
            case "dev":
                return DevelopmentLinkText.TryParse(link, out spec, out error);
            case "astlpc":
                return AstlpcLinkText.TryParse(link, out spec, out error);
            default:
                error = $"link '{text}': unknown binding '{link.Binding}'; a link starts with 'mmbi:', 'serial:', 'dev:' or 'astlpc:'";
                return false;
        }
    }

    /// <summary>Reads a byte count with an optional K, M or G (powers of 1024).</summary>
    /// <param name="text">For instance <c>2M</c>.</param>
    /// <param name="bytes">The count.</param>
    public static bool TryParseSize(string text, out long bytes)
    {
        bytes = 0;
        if (text.Length == 0) return false;
        int shift = char.ToUpperInvariant(text[^1]) switch { 'K' => 10, 'M' => 20, 'G' => 30, _ => 0 };
        ReadOnlySpan<char> digits = shift == 0 ? text : text.AsSpan(0, text.Length - 1);
        if (!long.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out long number) || number > long.MaxValue >> shift) return false;
        bytes = number << shift;
        return true;
    }
}
