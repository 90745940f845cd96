// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Busbar.Node;

/// <summary>A LINK taken apart: <c>BINDING:WHERE,OPTION,…</c>; and the reading of what its parts say.</summary>
/// <param name="Text">The whole, as the user typed it.</param>
/// <param name="Binding">The word before the first colon.</param>
/// <param name="Where">What follows it up to the first comma; empty when there is nothing.</param>
/// <param name="Options">What stands between the further commas.</param>
internal sealed record LinkText(string Text, string Binding, string Where, IReadOnlyList<string> Options)
{
    /// <summary>Takes an option's value into a spec; null when it is good, otherwise what is wrong with it.</summary>
    /// <param name="key">The word before the equals sign.</param>
    /// <param name="value">What follows it; null for an option that is a word alone.</param>
    public delegate string? Taker(string key, string? value);

    public static LinkText Split(string text)
    {
        string[] parts = text.Split(',');
        string[] head = parts[0].Split(':', 2);
        return new LinkText(text, head[0], head.Length == 2 ? head[1] : string.Empty, parts[1..]);
    }

    /// <summary>Offers each option to its binding, once.</summary>
    /// <param name="take">Gets them in their order.</param>
    /// <param name="words">Options that are a word alone.</param>
    /// <returns>Null when all are good; otherwise one line that names the culprit and the remedy.</returns>
    public string? ReadOptions(Taker take, params ReadOnlySpan<string> words)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (string option in Options)
        {
            string[] pair = option.Split('=', 2);
            bool isWord = pair.Length == 1 && words.Contains(pair[0]);
            if (!isWord && (pair.Length != 2 || pair[1].Length == 0))
                return Refuse($"'{option}' is not KEY=VALUE{(words.Length == 0 ? string.Empty : " nor '" + string.Join("', '", words!) + "'")}");
            if (!seen.Add(pair[0])) return Refuse($"'{pair[0]}' is given twice");
            if (take(pair[0], isWord ? null : pair[1]) is { } reason) return Refuse(reason);
        }

        return null;
    }

    /// <summary>A refusal in one line that starts with the LINK.</summary>
    public string Refuse(string reason) => $"link '{Text}': {reason}";

    /// <summary>Reads a decimal number within bounds.</summary>
    public static bool TryParseNumber(string? text, int low, int high, out int value) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out value) && value >= low && value <= high;

    /// <summary>Reads a decimal number within bounds; says what is wrong with it, or null.</summary>
    public static string? CheckNumber(string key, string? text, int low, int high, out int value) =>
        TryParseNumber(text, low, high, out value) ? null : $"{key}={text} is not a number from {low} to {high}";

    /// <summary>Reads HOST:PORT; a host that contains colons stands in brackets.</summary>
    public static bool TryParseAddress(string text, [NotNullWhen(true)] out string? host, out int port)
    {
        host = null;
        port = 0;
        int colon = text.LastIndexOf(':');
        if (colon <= 0 || !TryParseNumber(text[(colon + 1)..], 1, ushort.MaxValue, out port)) return false;
        string name = text[..colon];
        bool isBracketed = name.Length > 2 && name[0] == '[' && name[^1] == ']';
        if (isBracketed) name = name[1..^1];
        if (name.AsSpan().ContainsAny('[', ']') || (!isBracketed && name.Contains(':', StringComparison.Ordinal))) return false;
        host = name;
        return true;
    }
}
