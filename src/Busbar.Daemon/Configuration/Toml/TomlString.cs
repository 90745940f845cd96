// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>A string of any of the four kinds.</summary>
public sealed class TomlString : TomlValue
{
    internal TomlString(TomlPosition position, string value)
        : base(position) => Value = value;

    /// <summary>Its text, escapes resolved.</summary>
    public string Value { get; }

    /// <inheritdoc/>
    public override string Kind => "a string";
}
