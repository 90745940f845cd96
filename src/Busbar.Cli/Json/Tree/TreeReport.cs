// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Networks as trees: what <c>busbar tree</c> and <c>busbar discover --recursive</c> show.</summary>
internal sealed record TreeReport
{
    public required bool Ok { get; init; }

    /// <summary>The daemon's socket, the LINK, or <c>kernel</c>.</summary>
    public required string System { get; init; }

    public required IReadOnlyList<TreeNetwork> Networks { get; init; }
}
