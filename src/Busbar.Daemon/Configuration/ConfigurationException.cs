// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>A configuration file cannot be used. The message is <c>FILE:LINE:COLUMN: what is wrong; remedy</c>.</summary>
public sealed class ConfigurationException : Exception
{
    /// <summary>States a mistake in a file.</summary>
    /// <param name="file">The file as the user named it.</param>
    /// <param name="position">Where; null when it is about the whole file.</param>
    /// <param name="message">What is wrong, and the remedy.</param>
    /// <param name="inner">What lies behind it.</param>
    public ConfigurationException(string file, TomlPosition? position, string message, Exception? inner = null)
        : base(OneLine(position is { } place ? $"{file}:{place}: {message}" : $"{file}: {message}"), inner) => Position = position;

    /// <summary>Where; null when it is about the whole file.</summary>
    public TomlPosition? Position { get; }

    // Texts of the file are quoted in messages, and may have anything in them.
    private static string OneLine(string text) => new([.. text.Select(character => char.IsControl(character) ? ' ' : character)]);
}
