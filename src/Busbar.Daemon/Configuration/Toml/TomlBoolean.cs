// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>True or false.</summary>
public sealed class TomlBoolean : TomlValue
{
    internal TomlBoolean(TomlPosition position, bool value)
        : base(position) => Value = value;

    /// <summary>Its value.</summary>
    public bool Value { get; }

    /// <inheritdoc/>
    public override string Kind => "a boolean";
}
