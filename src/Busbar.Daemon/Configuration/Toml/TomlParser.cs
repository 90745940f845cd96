// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Daemon;

/// <summary>
/// Reads TOML 1.0, strictly, and keeps the place of everything: tables, arrays of tables, inline tables, dotted keys, strings of the four kinds, integers of all bases, floats,
/// booleans, arrays, comments. Dates are refused, because nothing here takes one.
/// </summary>
public sealed class TomlParser
{
    /// <summary>How deep arrays and inline tables may be nested.</summary>
    public const int DeepestNesting = 32;

    /// <summary>The most names that a dotted key or a header may have.</summary>
    public const int MostKeyParts = 32;

    private readonly TomlScanner _scanner;
    private readonly TomlTable _root = new(new TomlPosition(1, 1), TomlTableOrigin.Header);

    private TomlParser(string text) => _scanner = new TomlScanner(text);

    /// <summary>Reads a document.</summary>
    /// <param name="text">The whole text.</param>
    /// <returns>Its root table.</returns>
    /// <exception cref="TomlException">It is not TOML; the message says what is wrong and the remedy.</exception>
    public static TomlTable Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return new TomlParser(text).ReadDocument();
    }

    private TomlTable ReadDocument()
    {
        TomlTable current = _root;
        while (true)
        {
            _scanner.SkipFiller();
            if (_scanner.IsAtEnd) return _root;
            if (_scanner.Current == '[') current = ReadHeader();
            else ReadEntry(current);
            _scanner.SkipCommentAndLineEnd();
        }
    }

    private TomlTable ReadHeader()
    {
        TomlPosition start = _scanner.Position;
        _scanner.Advance();
        bool isArray = _scanner.TryTake('[');
        List<(string Name, TomlPosition Position)> key = ReadKey();
        if (!_scanner.TryTake(']') || (isArray && !_scanner.TryTake(']')))
            throw new TomlException(_scanner.Position, $"the header is not closed; write {(isArray ? "]]" : "]")} behind the name");
        TomlTable table = _root;
        foreach ((string name, TomlPosition position) in key.Take(key.Count - 1)) table = Enter(table, name, position);
        (string last, TomlPosition at) = key[^1];
        return isArray ? AppendTable(table, last, at, start) : OpenTable(table, last, at, start);
    }

    private static TomlTable Enter(TomlTable table, string name, TomlPosition position)
    {
        if (!table.TryGet(name, out TomlValue? value))
        {
            var created = new TomlTable(position, TomlTableOrigin.Implied);
            table.Add(name, position, created);
            return created;
        }

        return value switch
        {
            TomlTable { Origin: not TomlTableOrigin.Inline } inner => inner,
            TomlArray { IsOfTables: true } array => (TomlTable)array.Items[^1],
            _ => throw new TomlException(position, $"'{name}' is {value.Kind} already (line {table.PositionOf(name).Line}) and cannot hold tables; choose another name"),
        };
    }

    private static TomlTable OpenTable(TomlTable parent, string name, TomlPosition position, TomlPosition start)
    {
        if (!parent.TryGet(name, out TomlValue? value))
        {
            var created = new TomlTable(start, TomlTableOrigin.Header);
            parent.Add(name, position, created);
            return created;
        }

        if (value is TomlTable { Origin: TomlTableOrigin.Implied } implied)
        {
            implied.Origin = TomlTableOrigin.Header;
            return implied;
        }

        throw new TomlException(
            position,
            value is TomlArray { IsOfTables: true }
                ? $"'{name}' is an array of tables (line {parent.PositionOf(name).Line}); write [[{name}]]"
                : $"'{name}' is defined already in line {parent.PositionOf(name).Line}; put its keys together");
    }

    private static TomlTable AppendTable(TomlTable parent, string name, TomlPosition position, TomlPosition start)
    {
        if (!parent.TryGet(name, out TomlValue? value))
        {
            value = new TomlArray(start, isOfTables: true);
            parent.Add(name, position, value);
        }

        if (value is not TomlArray { IsOfTables: true } array)
            throw new TomlException(position, $"'{name}' is {value.Kind} already (line {parent.PositionOf(name).Line}), not an array of tables; write one or the other");
        var table = new TomlTable(start, TomlTableOrigin.Header);
        array.Add(table);
        return table;
    }

    private void ReadEntry(TomlTable table, int depth = 0)
    {
        List<(string Name, TomlPosition Position)> key = ReadKey();
        if (!_scanner.TryTake('=')) throw new TomlException(_scanner.Position, $"'=' is missing behind '{key[^1].Name}'; write KEY = VALUE");
        foreach ((string name, TomlPosition position) in key.Take(key.Count - 1))
        {
            if (!table.TryGet(name, out TomlValue? value))
            {
                value = new TomlTable(position, TomlTableOrigin.DottedKey);
                table.Add(name, position, value);
            }

            table = value is TomlTable { Origin: TomlTableOrigin.DottedKey } inner
                ? inner
                : throw new TomlException(position, $"'{name}' is {value.Kind} that is complete already (line {table.PositionOf(name).Line}); put its keys together");
        }

        (string last, TomlPosition at) = key[^1];
        if (table.TryGet(last, out _)) throw new TomlException(at, $"'{last}' is given twice; it stands in line {table.PositionOf(last).Line} already");
        _scanner.SkipBlanks();
        table.Add(last, at, ReadValue(depth));
    }

    // A name, or several with dots between them, and the blanks behind it.
    private List<(string Name, TomlPosition Position)> ReadKey()
    {
        var parts = new List<(string Name, TomlPosition Position)>(1);
        do
        {
            _scanner.SkipBlanks();
            TomlPosition start = _scanner.Position;
            if (parts.Count == MostKeyParts) throw new TomlException(start, $"a name has more than {MostKeyParts} parts");
            parts.Add((ReadName(start), start));
            _scanner.SkipBlanks();
        }
        while (_scanner.TryTake('.'));
        return parts;
    }

    private string ReadName(TomlPosition start)
    {
        if (_scanner.Current is '"' or '\'') return TomlStrings.ReadLine(_scanner);
        var name = new StringBuilder();
        while (char.IsAsciiLetterOrDigit(_scanner.Current) || _scanner.Current is '-' or '_')
        {
            name.Append(_scanner.Current);
            _scanner.Advance();
        }

        return name.Length > 0
            ? name.ToString()
            : throw new TomlException(start, $"a name is missing before {TomlScanner.Show(_scanner.Current)}; names have letters, digits, - and _, others stand in quotes");
    }

    private TomlValue ReadValue(int depth)
    {
        TomlPosition start = _scanner.Position;
        if (depth > DeepestNesting) throw new TomlException(start, $"arrays and tables are nested more than {DeepestNesting} deep");
        return _scanner.Current switch
        {
            '"' or '\'' => new TomlString(start, TomlStrings.Read(_scanner)),
            '[' => ReadArray(start, depth),
            '{' => ReadInlineTable(start, depth),
            _ => TomlNumbers.Read(_scanner),
        };
    }

    private TomlArray ReadArray(TomlPosition start, int depth)
    {
        _scanner.Advance();
        var array = new TomlArray(start, isOfTables: false);
        while (true)
        {
            _scanner.SkipFiller();
            if (_scanner.TryTake(']')) return array;
            if (_scanner.IsAtEnd) throw new TomlException(start, "the array is not closed; add ]");
            array.Add(ReadValue(depth + 1));
            _scanner.SkipFiller();
            if (_scanner.TryTake(',') || _scanner.Current == ']') continue;
            throw _scanner.IsAtEnd
                ? new TomlException(start, "the array is not closed; add ]")
                : new TomlException(_scanner.Position, $"',' or ']' is missing before {TomlScanner.Show(_scanner.Current)}");
        }
    }

    private TomlTable ReadInlineTable(TomlPosition start, int depth)
    {
        _scanner.Advance();
        var table = new TomlTable(start, TomlTableOrigin.Header);
        _scanner.SkipBlanks();
        if (!_scanner.TryTake('}'))
        {
            while (true)
            {
                ReadEntry(table, depth + 1);
                _scanner.SkipBlanks();
                if (_scanner.TryTake('}')) break;
                if (!_scanner.TryTake(',')) throw new TomlException(_scanner.Position, $"',' or '}}' is missing before {TomlScanner.Show(_scanner.Current)}; a table in braces stands in one line");
            }
        }

        Seal(table);
        return table;
    }

    // What dotted keys made inside the braces is complete as well.
    private static void Seal(TomlTable table)
    {
        table.Origin = TomlTableOrigin.Inline;
        foreach (string key in table.Keys)
        {
            if (table.TryGet(key, out TomlValue? value) && value is TomlTable { Origin: TomlTableOrigin.DottedKey } inner) Seal(inner);
        }
    }
}
