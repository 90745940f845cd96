// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>The words of one command, taken one by one, and how the values among them are read.</summary>
internal sealed class MctpWords
{
    private readonly string[] _words;
    private int _next;

    /// <summary>Takes the words.</summary>
    /// <param name="words">All of them.</param>
    public MctpWords(string[] words) => _words = words;

    /// <summary>True when no word is left.</summary>
    public bool IsAtEnd => _next == _words.Length;

    /// <summary>How many are left.</summary>
    public int Left => _words.Length - _next;

    /// <summary>The next word, which must be there.</summary>
    /// <param name="what">What it is to be, for the message when it is missing.</param>
    public string Take(string what) => IsAtEnd ? throw new MctpFailure($"{what} is missing") : _words[_next++];

    /// <summary>The next word, or null.</summary>
    public string? TakeIfAny() => IsAtEnd ? null : _words[_next++];

    /// <summary>Takes the next word if it is the one that is expected.</summary>
    public bool TakeIf(string word)
    {
        if (IsAtEnd || _words[_next] != word) return false;
        _next++;
        return true;
    }

    /// <summary>Complains about words that nobody wants.</summary>
    public void EnsureEnd()
    {
        if (!IsAtEnd) throw new MctpFailure($"'{_words[_next]}' is one word too many");
    }

    /// <summary>The next word as a number that is not 0.</summary>
    public uint TakeNumber(string what)
    {
        string text = Take(what);
        if (!TryReadNumber(text, out uint number)) throw new MctpFailure($"'{text}' is no number; {what} is one");
        return number != 0 ? number : throw new MctpFailure($"{what} must not be 0");
    }

    /// <summary>The next word as an EID.</summary>
    public Eid TakeEid() => ReadEid(Take("EID"));

    /// <summary>The next word as one EID or a range <c>first-last</c>.</summary>
    public (Eid First, Eid Last) TakeRange()
    {
        string text = Take("EID");
        int hyphen = text.IndexOf('-', StringComparison.Ordinal);
        if (hyphen < 0)
        {
            Eid single = ReadEid(text);
            return single.Value < byte.MaxValue ? (single, single) : throw new MctpFailure($"EID {text}: no route leads to the broadcast EID");
        }

        Eid first = ReadEid(text[..hyphen]);
        Eid last = ReadEid(text[(hyphen + 1)..]);
        if (last.Value == byte.MaxValue) throw new MctpFailure($"EID range {text}: its end must be below 255");
        return first.Value <= last.Value ? (first, last) : throw new MctpFailure($"EID range {text}: its end lies before its start");
    }

    /// <summary>The next word as a physical address: hexadecimal bytes between colons, with or without 0x.</summary>
    public PhysicalAddress TakeAddress() => ReadAddress(Take("lladdr"));

    /// <summary>The next word as a length in bytes.</summary>
    /// <param name="most">The longest.</param>
    public int TakeLength(int most)
    {
        string text = Take("the length");
        return TryReadNumber(text, out uint number) && number <= most ? (int)number : throw new MctpFailure($"'{text}' is no length; write a number up to {most}");
    }

    /// <summary>The next word as bytes: two digits each, with colons between them or without.</summary>
    public byte[] TakeBytes()
    {
        string text = Take("data");
        return Hex.TryParse([text], out byte[]? bytes, out _) ? bytes : throw NoBytes(text);
    }

    /// <summary>All words that are left as bytes; at least one.</summary>
    public byte[] TakeAllBytes()
    {
        if (IsAtEnd) throw new MctpFailure("data is missing");
        string[] words = _words[_next..];
        _next = _words.Length;
        return Hex.TryParse(words, out byte[]? bytes, out string? culprit) ? bytes : throw NoBytes(culprit);
    }

    /// <summary>The next word as a message type, by name or number.</summary>
    public MessageType TakeType()
    {
        string text = Take("the message type");
        if (Names.FindType(text) is { } type) return type;
        return TryReadNumber(text, out uint number) && number <= byte.MaxValue
            ? new MessageType((byte)number)
            : throw new MctpFailure($"'{text}' is no message type; there are {string.Join(", ", Names.MessageTypes)} and numbers below 256");
    }

    /// <summary>The next word as an EID, with its network before a comma if it is not 1.</summary>
    public (uint Network, Eid Eid) TakeNetworkAndEid()
    {
        string text = Take("EID");
        int comma = text.IndexOf(',', StringComparison.Ordinal);
        if (comma < 0) return (1, ReadEid(text));
        return TryReadNumber(text[..comma], out uint network) && network != 0
            ? (network, ReadEid(text[(comma + 1)..]))
            : throw new MctpFailure($"'{text[..comma]}' is no network; write NET,EID, for instance 1,9");
    }

    /// <summary>Reads a physical address.</summary>
    public static PhysicalAddress ReadAddress(string text) => TryReadAddress(text, out PhysicalAddress address)
        ? address
        : throw new MctpFailure($"'{text}' is no physical address; write hexadecimal bytes, for instance 1d or 07:ec:80");

    /// <summary>Reads a physical address.</summary>
    /// <param name="text">1 to 32 hexadecimal bytes between colons, with or without 0x.</param>
    /// <param name="address">The address.</param>
    public static bool TryReadAddress(string text, out PhysicalAddress address)
    {
        address = default;
        string[] pieces = text.Split(':');
        if (pieces.Length > PhysicalAddress.MaximumLength) return false;
        Span<byte> bytes = stackalloc byte[pieces.Length];
        for (int i = 0; i < pieces.Length; i++)
        {
            string digits = pieces[i].StartsWith("0x", StringComparison.OrdinalIgnoreCase) ? pieces[i][2..] : pieces[i];
            if (digits.Length is 0 or > 2 || !byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[i])) return false;
        }

        address = new PhysicalAddress(bytes);
        return true;
    }

    /// <summary>Reads a number as strtoul(3) with base 0 does: 0x for hexadecimal, a leading 0 for octal, decimal otherwise; nothing may follow.</summary>
    public static bool TryReadNumber(string text, out uint number)
    {
        number = 0;
        if (text.StartsWith("0x", StringComparison.OrdinalIgnoreCase))
            return uint.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out number);
        if (text.Length < 2 || text[0] != '0') return uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
        ulong value = 0;
        foreach (char digit in text)
        {
            if (digit is < '0' or > '7') return false;
            value = (value * 8) + (uint)(digit - '0');
            if (value > uint.MaxValue) return false;
        }

        number = (uint)value;
        return true;
    }

    private static MctpFailure NoBytes(string text) => new($"'{text}' is not hexadecimal; write bytes of two digits, for instance 01 ff");

    private static Eid ReadEid(string text) => TryReadNumber(text, out uint number) && number <= byte.MaxValue
        ? new Eid((byte)number)
        : throw new MctpFailure($"'{text}' is no EID; write a number below 256");
}
