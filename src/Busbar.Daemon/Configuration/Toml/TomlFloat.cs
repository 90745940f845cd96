// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>A floating-point number.</summary>
public sealed class TomlFloat : TomlValue
{
    internal TomlFloat(TomlPosition position, double value)
        : base(position) => Value = value;

    /// <summary>Its value; may be infinite or not a number.</summary>
    public double Value { get; }

    /// <inheritdoc/>
    public override string Kind => "a number with a fraction";
}
