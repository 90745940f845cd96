// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>A value of a TOML document, with its place.</summary>
public abstract class TomlValue
{
    private protected TomlValue(TomlPosition position) => Position = position;

    /// <summary>Where the value begins; for tables, where their key or header does.</summary>
    public TomlPosition Position { get; }

    /// <summary>What kind of value this is, for people: "a string", "a table".</summary>
    public abstract string Kind { get; }
}
