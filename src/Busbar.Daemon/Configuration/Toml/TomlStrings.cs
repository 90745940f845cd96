// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Daemon;

/// <summary>Reads strings of the four kinds: basic and literal, in one line or several.</summary>
internal static class TomlStrings
{
    /// <summary>Reads a string; the scanner stands on its opening quote.</summary>
    public static string Read(TomlScanner scanner)
    {
        char quote = scanner.Current;
        if (scanner.Peek(1) == quote && scanner.Peek(2) == quote)
        {
            TomlPosition start = scanner.Position;
            scanner.Advance(3);
            return ReadLines(scanner, quote, start);
        }

        return ReadLine(scanner);
    }

    /// <summary>Reads a string of one line, which is what a key may be.</summary>
    public static string ReadLine(TomlScanner scanner)
    {
        TomlPosition start = scanner.Position;
        char quote = scanner.Current;
        scanner.Advance();
        var text = new StringBuilder();
        while (!scanner.TryTake(quote))
        {
            if (scanner.IsAtLineEnd) throw new TomlException(start, $"the string is not closed in its line; add {quote}, or use {quote}{quote}{quote} for several lines");
            if (quote == '"' && scanner.Current == '\\') ReadEscape(scanner, text);
            else Copy(scanner, text);
        }

        return text.ToString();
    }

    private static string ReadLines(TomlScanner scanner, char quote, TomlPosition start)
    {
        // The line end right behind the opening quotes is not part of the text.
        if (scanner.Current == '\r') scanner.Advance();
        if (scanner.Current == '\n') scanner.Advance();
        var text = new StringBuilder();
        while (true)
        {
            if (scanner.IsAtEnd) throw new TomlException(start, $"the string is not closed; add {quote}{quote}{quote}");
            if (scanner.Current == quote && scanner.Peek(1) == quote && scanner.Peek(2) == quote)
            {
                // Up to two quotes may stand right before the closing ones.
                int extra = scanner.Peek(3) != quote ? 0 : scanner.Peek(4) != quote ? 1 : 2;
                text.Append(quote, extra);
                scanner.Advance(3 + extra);
                return text.ToString();
            }

            if (quote == '"' && scanner.Current == '\\')
            {
                if (!TrySkipFoldedLine(scanner)) ReadEscape(scanner, text);
            }
            else if (scanner.Current == '\r')
            {
                // Line ends of both kinds mean the same text.
                scanner.Advance();
            }
            else
            {
                Copy(scanner, text);
            }
        }
    }

    // A backslash at the end of a line takes the line end with it, and all blank space that follows.
    private static bool TrySkipFoldedLine(TomlScanner scanner)
    {
        int distance = 1;
        while (scanner.Peek(distance) is ' ' or '\t') distance++;
        if (scanner.Peek(distance) is not ('\n' or '\r')) return false;
        scanner.Advance(distance);
        while (scanner.Current is ' ' or '\t' or '\n' or '\r' && !scanner.IsAtEnd) scanner.Advance();
        return true;
    }

    private static void ReadEscape(TomlScanner scanner, StringBuilder text)
    {
        TomlPosition start = scanner.Position;
        scanner.Advance();
        char kind = scanner.Current;
        scanner.Advance();
        switch (kind)
        {
            case 'b': text.Append('\b'); break;
            case 't': text.Append('\t'); break;
            case 'n': text.Append('\n'); break;
            case 'f': text.Append('\f'); break;
            case 'r': text.Append('\r'); break;
            case '"': text.Append('"'); break;
            case '\\': text.Append('\\'); break;
            case 'u': TomlScanner.AppendScalar(text, ReadHex(scanner, 4, start), start); break;
            case 'U': TomlScanner.AppendScalar(text, ReadHex(scanner, 8, start), start); break;
            default:
                throw new TomlException(start, $"the escape \\ with {TomlScanner.Show(kind)} is unknown; write \\\\ for a backslash, or use single quotes, which know no escapes");
        }
    }

    private static uint ReadHex(TomlScanner scanner, int digits, TomlPosition start)
    {
        uint value = 0;
        for (int i = 0; i < digits; i++)
        {
            if (!char.IsAsciiHexDigit(scanner.Current)) throw new TomlException(start, $"the escape needs {digits} hexadecimal digits");
            value = (value << 4) | (uint)Convert.ToInt32(scanner.Current.ToString(), 16);
            scanner.Advance();
        }

        return value;
    }

    private static void Copy(TomlScanner scanner, StringBuilder text)
    {
        text.Append(scanner.Current);
        scanner.Advance();
    }
}
