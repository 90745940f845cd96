// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>An array, or an array of tables.</summary>
public sealed class TomlArray : TomlValue
{
    private readonly List<TomlValue> _items = [];

    internal TomlArray(TomlPosition position, bool isOfTables)
        : base(position) => IsOfTables = isOfTables;

    /// <summary>Its elements, in order.</summary>
    public IReadOnlyList<TomlValue> Items => _items;

    /// <inheritdoc/>
    public override string Kind => "an array";

    /// <summary>True when it was made by <c>[[headers]]</c>, which may add to it.</summary>
    internal bool IsOfTables { get; }

    internal void Add(TomlValue value) => _items.Add(value);
}
