// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>A place in a configuration file.</summary>
/// <param name="Line">From 1.</param>
/// <param name="Column">From 1, in characters.</param>
public readonly record struct TomlPosition(int Line, int Column)
{
    /// <summary><c>LINE:COLUMN</c>.</summary>
    public override string ToString() => $"{Line}:{Column}";
}
