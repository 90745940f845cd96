// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Busbar.Cli;

/// <summary>Bytes as people write them.</summary>
internal static class Hex
{
    /// <summary>Bytes as <c>01 ab ff</c>.</summary>
    public static string Format(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return string.Empty;
        char[] text = new char[(bytes.Length * 3) - 1];
        Array.Fill(text, ' ');
        for (int i = 0; i < bytes.Length; i++) bytes[i].TryFormat(text.AsSpan(i * 3), out _, "x2", CultureInfo.InvariantCulture);
        return new string(text);
    }

    /// <summary>Reads bytes from words: each word is one or more bytes, two digits each, with or without colons and a leading 0x.</summary>
    public static bool TryParse(IEnumerable<string> words, [NotNullWhen(true)] out byte[]? bytes, [NotNullWhen(false)] out string? culprit)
    {
        var found = new List<byte>();
        foreach (string word in words)
        {
            string digits = word.StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? word[2..] : word;
            foreach (string piece in digits.Split(':'))
            {
                // A lone digit is a byte, too: "send ... 0 1 2".
                string even = piece.Length == 1 ? "0" + piece : piece;
                if (even.Length == 0 || even.Length % 2 != 0 || !even.All(char.IsAsciiHexDigit))
                {
                    (bytes, culprit) = (null, word);
                    return false;
                }

                found.AddRange(Convert.FromHexString(even));
            }
        }

        (bytes, culprit) = ([.. found], null);
        return true;
    }
}
