// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>The names that a daemon knows, for completion; nothing when it does not answer at once.</summary>
internal static class KnownNames
{
    /// <summary>The names of its links.</summary>
    public static IEnumerable<string> Links() => [];

    /// <summary>The EIDs of its endpoints.</summary>
    public static IEnumerable<string> Eids() => [];
}
