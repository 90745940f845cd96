// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>A text is not TOML.</summary>
public sealed class TomlException : Exception
{
    /// <summary>States what is wrong.</summary>
    /// <param name="position">Where.</param>
    /// <param name="message">What, and the remedy, in one line without the position.</param>
    public TomlException(TomlPosition position, string message)
        : base(message) => Position = position;

    /// <summary>Where.</summary>
    public TomlPosition Position { get; }
}
