// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>One MCTP network of a <see cref="TreeReport"/>.</summary>
internal sealed record TreeNetwork
{
    public required uint Network { get; init; }

    /// <summary>EIDs that dynamic assignment could still give; absent where nobody knows.</summary>
    public int? FreeEids { get; init; }

    public required IReadOnlyList<TreeLink> Links { get; init; }

    /// <summary>Routes through a gateway that no route leads to; absent when there are none.</summary>
    public IReadOnlyList<TreeRange>? Unreachable { get; init; }
}
