// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Busbar.Daemon;

/// <summary>Reads what stands without quotes: numbers and booleans. Dates are recognised and refused.</summary>
internal static class TomlNumbers
{
    private const int LongestWord = 128;

    public static TomlValue Read(TomlScanner scanner)
    {
        TomlPosition start = scanner.Position;
        var word = new StringBuilder();
        while (char.IsAsciiLetterOrDigit(scanner.Current) || scanner.Current is '+' or '-' or '_' or '.' or ':')
        {
            word.Append(scanner.Current);
            if (word.Length > LongestWord) throw new TomlException(start, "a number or word is too long");
            scanner.Advance();
        }

        string text = word.ToString();
        if (text.Length == 0) throw new TomlException(start, $"a value is missing before {TomlScanner.Show(scanner.Current)}; write a string in quotes, a number, true, false, [ ] or {{ }}");
        if (text == "true") return new TomlBoolean(start, value: true);
        if (text == "false") return new TomlBoolean(start, value: false);
        if (LooksLikeDate(text)) throw new TomlException(start, $"'{text}' is a date or time, which nothing here takes; write a string in quotes");
        return (TomlValue?)ReadInteger(text, start) ?? ReadFloat(text, start) ?? throw NotAValue(text, start);
    }

    private static TomlException NotAValue(string text, TomlPosition start) => char.IsAsciiLetter(text[0])
        ? new TomlException(start, $"'{text}' is no value; strings stand in quotes: \"{text}\"")
        : new TomlException(start, $"'{text}' is no number; write for instance 10, -3, 0x1f or 1.5 (no leading zeros, _ between digits only)");

    private static bool LooksLikeDate(string text) =>
        (text.Length >= 8 && char.IsAsciiDigit(text[0]) && text[4] == '-' && text.AsSpan(0, 4).IndexOfAnyExceptInRange('0', '9') < 0)
        || (text.Length >= 5 && text[2] == ':' && char.IsAsciiDigit(text[0]) && char.IsAsciiDigit(text[1]));

    private static TomlInteger? ReadInteger(string text, TomlPosition start)
    {
        int radix = text.Length > 2 && text[0] == '0' ? text[1] switch { 'x' => 16, 'o' => 8, 'b' => 2, _ => 10 } : 10;
        string digits = radix == 10 ? text.TrimStart('+', '-') : text[2..];
        int sign = text.Length - digits.Length;
        if (radix == 10 && sign > 1) return null;
        if (!AreDigits(digits, radix)) return null;
        if (radix == 10 && digits.Length > 1 && digits[0] == '0') return null;
        string plain = digits.Replace("_", "", StringComparison.Ordinal);
        UInt128 value = 0;
        foreach (char digit in plain)
        {
            value = (value * (uint)radix) + (uint)Convert.ToInt32(digit.ToString(), 16);
            if (value > (UInt128)long.MaxValue + 1) throw OutOfRange(text, start);
        }

        if (radix == 10 && text[0] == '-') return new TomlInteger(start, unchecked((long)(ulong)(0 - value)));
        return value <= long.MaxValue ? new TomlInteger(start, (long)value) : throw OutOfRange(text, start);
    }

    private static TomlException OutOfRange(string text, TomlPosition start) => new(start, $"'{text}' does not fit into 64 bits; write a smaller number");

    private static bool AreDigits(string text, int radix)
    {
        if (text.Length == 0 || text[0] == '_' || text[^1] == '_' || text.Contains("__", StringComparison.Ordinal)) return false;
        return text.All(character => character == '_' || radix switch
        {
            16 => char.IsAsciiHexDigit(character),
            8 => character is >= '0' and <= '7',
            2 => character is '0' or '1',
            _ => char.IsAsciiDigit(character),
        });
    }

    private static TomlFloat? ReadFloat(string text, TomlPosition start)
    {
        string unsigned = text[0] is '+' or '-' ? text[1..] : text;
        double sign = text[0] == '-' ? -1 : 1;
        if (unsigned == "inf") return new TomlFloat(start, sign * double.PositiveInfinity);
        if (unsigned == "nan") return new TomlFloat(start, double.NaN);
        int exponentAt = unsigned.IndexOfAny(['e', 'E']);
        string mantissa = exponentAt < 0 ? unsigned : unsigned[..exponentAt];
        int point = mantissa.IndexOf('.');
        string whole = point < 0 ? mantissa : mantissa[..point];
        if (!AreDigits(whole, 10) || (whole.Length > 1 && whole[0] == '0')) return null;
        if (point >= 0 && !AreDigits(mantissa[(point + 1)..], 10)) return null;
        if (point < 0 && exponentAt < 0) return null;
        if (exponentAt >= 0)
        {
            string exponent = unsigned[(exponentAt + 1)..];
            if (exponent.Length > 0 && exponent[0] is '+' or '-') exponent = exponent[1..];
            if (!AreDigits(exponent, 10)) return null;
        }

        return new TomlFloat(start, double.Parse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float, CultureInfo.InvariantCulture));
    }
}
