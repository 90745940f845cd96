// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Daemon;

/// <summary>Walks over the characters of a document and keeps count of lines and columns.</summary>
internal sealed class TomlScanner
{
    /// <summary>What <see cref="Current"/> is behind the last character.</summary>
    public const char End = '\0';

    private readonly string _text;
    private int _index;
    private int _line = 1;
    private int _column = 1;

    public TomlScanner(string text)
    {
        _text = text;
        if (text.StartsWith('\uFEFF')) _index = 1;
        Check();
    }

    public char Current => _index < _text.Length ? _text[_index] : End;

    public bool IsAtEnd => _index >= _text.Length;

    /// <summary>A carriage return counts as part of the line feed that must follow it.</summary>
    public bool IsAtLineEnd => IsAtEnd || Current == '\n' || (Current == '\r' && Peek(1) == '\n');

    public TomlPosition Position => new(_line, _column);

    public char Peek(int distance) => _index + distance < _text.Length ? _text[_index + distance] : End;

    public void Advance(int count = 1)
    {
        for (int i = 0; i < count && _index < _text.Length; i++)
        {
            char passed = _text[_index++];
            if (passed == '\n')
            {
                _line++;
                _column = 1;
            }
            else if (!char.IsLowSurrogate(passed))
            {
                _column++;
            }

            Check();
        }
    }

    public bool TryTake(char expected)
    {
        if (IsAtEnd || Current != expected) return false;
        Advance();
        return true;
    }

    public void SkipBlanks()
    {
        while (Current is ' ' or '\t') Advance();
    }

    /// <summary>Passes a comment, if there is one, and the end of the line.</summary>
    public void SkipCommentAndLineEnd()
    {
        SkipBlanks();
        if (Current == '#' && !IsAtEnd)
        {
            while (!IsAtLineEnd) Advance();
        }

        if (!IsAtLineEnd) throw new TomlException(Position, $"{Show(Current)} stands behind the end of the value; begin a new line");
        if (Current == '\r') Advance();
        Advance();
    }

    /// <summary>Passes blanks, line ends and comments.</summary>
    public void SkipFiller()
    {
        while (!IsAtEnd)
        {
            SkipBlanks();
            if (Current == '#' || IsAtLineEnd) SkipCommentAndLineEnd();
            else return;
        }
    }

    /// <summary>A character for people.</summary>
    public static string Show(char character) => character switch
    {
        End => "the end of the file",
        '\n' or '\r' => "the end of the line",
        < ' ' or '\x7f' => $"the control character 0x{(int)character:x2}",
        _ => $"'{character}'",
    };

    // Control characters are refused wherever they stand, comments included, with the exception of tabs and line ends.
    private void Check()
    {
        if (_index >= _text.Length) return;
        char next = _text[_index];
        if (next == '\r' && Peek(1) != '\n') throw new TomlException(Position, "a carriage return without a line feed; save the file with UNIX line ends");
        if ((next < ' ' && next is not ('\t' or '\n' or '\r')) || next == '\x7f')
            throw new TomlException(Position, $"the control character 0x{(int)next:x2} is not allowed; remove it, or write an escape like \\u00{(int)next:x2} in a string");
    }

    internal static void AppendScalar(StringBuilder text, uint value, TomlPosition position)
    {
        if (!Rune.IsValid(value)) throw new TomlException(position, "the escape names no character; write \\uXXXX or \\UXXXXXXXX with a Unicode scalar value");
        text.Append(new Rune(value).ToString());
    }
}
