// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>
/// A table of a configuration file while it is read: typed values with their ranges, and in the end the keys that nobody knows. Everything that is wrong is a
/// <see cref="ConfigurationException"/> with its place.
/// </summary>
internal sealed class ConfigurationTable
{
    private readonly string _file;
    private readonly TomlTable _table;
    private readonly List<string> _known = [];

    public ConfigurationTable(string file, TomlTable table)
    {
        _file = file;
        _table = table;
    }

    public string File => _file;

    public TomlPosition Position => _table.Position;

    public ConfigurationException Wrong(TomlPosition position, string message) => new(_file, position, message);

    /// <summary>The place of a key's value if it is there, else that of the table.</summary>
    public TomlPosition PositionOf(string key) => _table.TryGet(key, out TomlValue? value) ? value.Position : Position;

    public TomlValue? Value(string key)
    {
        _known.Add(key);
        return _table.TryGet(key, out TomlValue? value) ? value : null;
    }

    public string? Text(string key) => Value(key) switch
    {
        null => null,
        TomlString text => text.Value,
        { } other => throw Wrong(other.Position, $"'{key}' is {other.Kind}; write it in quotes"),
    };

    public string RequiredText(string key, string example) => Text(key) is { Length: > 0 } text
        ? text
        : throw Wrong(PositionOf(key), $"'{key}' is missing; write for instance {key} = \"{example}\"");

    public bool? Boolean(string key) => Value(key) switch
    {
        null => null,
        TomlBoolean boolean => boolean.Value,
        { } other => throw Wrong(other.Position, $"'{key}' is {other.Kind}; write true or false without quotes"),
    };

    public long? Number(string key, long low, long high) => Value(key) is { } value ? NumberOf(value, $"'{key}'", low, high) : null;

    public Eid? Eid(string key) => Number(key, 8, 254) is { } number ? new Eid((byte)number) : null;

    /// <summary>An array; a single value counts as an array of one.</summary>
    public IReadOnlyList<TomlValue> List(string key) => Value(key) switch
    {
        null => [],
        TomlArray array => array.Items,
        { } other => [other],
    };

    public ConfigurationTable? Table(string key) => Value(key) switch
    {
        null => null,
        TomlTable table => new ConfigurationTable(_file, table),
        { } other => throw Wrong(other.Position, $"'{key}' is {other.Kind}, not a table; write [{key}] in a line of its own and its keys below"),
    };

    public IReadOnlyList<ConfigurationTable> Tables(string key)
    {
        TomlValue? value = Value(key);
        if (value is null) return [];
        return value is TomlArray array && array.Items.All(item => item is TomlTable)
            ? [.. array.Items.Select(item => new ConfigurationTable(_file, (TomlTable)item))]
            : throw Wrong(value.Position, $"'{key}' is {value.Kind}, not an array of tables; write [[{key}]] in a line of its own for each");
    }

    public long NumberOf(TomlValue value, string what, long low, long high) => value is TomlInteger number && number.Value >= low && number.Value <= high
        ? number.Value
        : throw Wrong(value.Position, value is TomlInteger wrong
            ? $"{what} is {wrong.Value}; it must be from {low} to {high}"
            : $"{what} is {value.Kind}; write a number from {low} to {high} without quotes");

    public string TextOf(TomlValue value, string what) => value is TomlString text
        ? text.Value
        : throw Wrong(value.Position, $"{what} is {value.Kind}; write it in quotes");

    /// <summary>Picks one of a few words.</summary>
    public T? Choice<T>(string key, params (string Word, T Meaning)[] choices)
        where T : struct
    {
        if (Text(key) is not { } text) return null;
        foreach ((string word, T meaning) in choices)
        {
            if (word == text) return meaning;
        }

        throw Wrong(PositionOf(key), $"{key} = \"{text}\" is unknown; use {string.Join(" or ", choices.Select(choice => $"\"{choice.Word}\""))}");
    }

    /// <summary>Refuses the first key that was not asked for.</summary>
    /// <param name="where">The table, for people: "[mctp]"; empty for the top level.</param>
    /// <param name="elsewhere">Keys that exist in the other dialect.</param>
    public void RefuseUnknown(string where, IReadOnlyCollection<string>? elsewhere = null)
    {
        foreach (string key in _table.Keys)
        {
            if (_known.Contains(key)) continue;
            string place = where.Length == 0 ? "at the top level" : $"in {where}";
            if (elsewhere?.Contains(key) == true)
                throw Wrong(_table.PositionOf(key), $"'{key}' {place} is a key of Busbar's own configuration, and mctpd.conf has none like it; remove it, or run 'busbar daemon'");
            string nearest = _known.MinBy(known => Distance(known, key))!;
            int distance = Distance(nearest, key);
            string hint = distance < key.Length && distance <= Math.Max(2, key.Length / 2) ? $"did you mean '{nearest}'?" : $"known are {string.Join(", ", _known)}";
            throw Wrong(_table.PositionOf(key), $"unknown key '{key}' {place}; {hint}");
        }
    }

    // Levenshtein's distance; keys are short.
    private static int Distance(string one, string other)
    {
        other = other.Length > 64 ? other[..64] : other;
        int[] row = [.. Enumerable.Range(0, other.Length + 1)];
        for (int i = 1; i <= one.Length; i++)
        {
            int diagonal = row[0];
            row[0] = i;
            for (int j = 1; j <= other.Length; j++)
            {
                int above = row[j];
                row[j] = Math.Min(Math.Min(above, row[j - 1]) + 1, diagonal + (one[i - 1] == other[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }

        return row[^1];
    }
}
