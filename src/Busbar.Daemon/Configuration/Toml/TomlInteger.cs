// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>An integer of any base.</summary>
public sealed class TomlInteger : TomlValue
{
    internal TomlInteger(TomlPosition position, long value)
        : base(position) => Value = value;

    /// <summary>Its value.</summary>
    public long Value { get; }

    /// <inheritdoc/>
    public override string Kind => "an integer";
}
