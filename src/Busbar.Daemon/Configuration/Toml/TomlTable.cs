// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Busbar.Daemon;

/// <summary>A table: keys with values, in the order of the document.</summary>
public sealed class TomlTable : TomlValue
{
    private readonly Dictionary<string, (TomlPosition Position, TomlValue Value)> _entries = new(StringComparer.Ordinal);
    private readonly List<string> _keys = [];

    internal TomlTable(TomlPosition position, TomlTableOrigin origin)
        : base(position) => Origin = origin;

    /// <summary>The keys, in the order of the document.</summary>
    public IReadOnlyList<string> Keys => _keys;

    /// <inheritdoc/>
    public override string Kind => "a table";

    internal TomlTableOrigin Origin { get; set; }

    /// <summary>Finds a value.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">The value.</param>
    public bool TryGet(string key, [NotNullWhen(true)] out TomlValue? value)
    {
        bool found = _entries.TryGetValue(key, out (TomlPosition Position, TomlValue Value) entry);
        value = entry.Value;
        return found;
    }

    /// <summary>Where a key stands.</summary>
    /// <param name="key">A key of the table.</param>
    public TomlPosition PositionOf(string key) => _entries[key].Position;

    internal void Add(string key, TomlPosition position, TomlValue value)
    {
        _entries.Add(key, (position, value));
        _keys.Add(key);
    }
}
