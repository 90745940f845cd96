// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>
/// File name patterns as fnmatch(3) has them without flags: <c>*</c>, <c>?</c>, <c>[a-z]</c>, <c>[!a-z]</c>, and a backslash in front of what is meant literally; a slash is a character
/// like any other.
/// </summary>
public static class Glob
{
    /// <summary>Whether a text matches a pattern. Time grows with the product of their lengths at most.</summary>
    /// <param name="pattern">The pattern.</param>
    /// <param name="text">The text.</param>
    public static bool IsMatch(ReadOnlySpan<char> pattern, ReadOnlySpan<char> text)
    {
        int at = 0;
        int seen = 0;
        int star = -1;
        int resume = 0;
        while (seen < text.Length)
        {
            int next = at;
            if (at < pattern.Length && pattern[at] == '*')
            {
                star = at++;
                resume = seen;
            }
            else if (at < pattern.Length && MatchesOne(pattern, ref next, text[seen]))
            {
                at = next;
                seen++;
            }
            else if (star >= 0)
            {
                // The last star takes one character more; earlier ones need not be tried again.
                at = star + 1;
                seen = ++resume;
            }
            else
            {
                return false;
            }
        }

        while (at < pattern.Length && pattern[at] == '*') at++;
        return at == pattern.Length;
    }

    private static bool MatchesOne(ReadOnlySpan<char> pattern, ref int at, char character)
    {
        switch (pattern[at])
        {
            case '?':
                at++;
                return true;
            case '[' when TryMatchClass(pattern, ref at, character, out bool matches):
                return matches;
            case '\\' when at + 1 < pattern.Length:
                at += 2;
                return pattern[at - 1] == character;
            default:
                return pattern[at++] == character;
        }
    }

    // False when the bracket is never closed: then it stands for itself.
    private static bool TryMatchClass(ReadOnlySpan<char> pattern, ref int at, char character, out bool matches)
    {
        matches = false;
        int i = at + 1;
        bool negated = i < pattern.Length && pattern[i] is '!' or '^';
        if (negated) i++;
        bool found = false;
        for (int first = i; i < pattern.Length; i++)
        {
            // A closing bracket in the first place is a member.
            if (pattern[i] == ']' && i > first)
            {
                at = i + 1;
                matches = found != negated;
                return true;
            }

            if (pattern[i] == '\\' && i + 1 < pattern.Length) i++;
            char low = pattern[i];
            char high = low;
            if (i + 2 < pattern.Length && pattern[i + 1] == '-' && pattern[i + 2] != ']')
            {
                i += 2;
                if (pattern[i] == '\\' && i + 1 < pattern.Length) i++;
                high = pattern[i];
            }

            found |= character >= low && character <= high;
        }

        return false;
    }
}
