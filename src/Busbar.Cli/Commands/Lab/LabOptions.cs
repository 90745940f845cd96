// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;

namespace Busbar.Cli;

/// <summary>What the user asked of the lab.</summary>
internal sealed record LabOptions
{
    public required MmbiDialect Dialect { get; init; }

    /// <summary>Waiting strategy by name; null for the window's default.</summary>
    public required string? Wait { get; init; }

    /// <summary>ivshmem or shm.</summary>
    public required string Window { get; init; }

    /// <summary>Window bytes.</summary>
    public required int Size { get; init; }

    public required IReadOnlyList<int> Sizes { get; init; }

    /// <summary>Requests for each size.</summary>
    public required int Count { get; init; }

    public required int Seed { get; init; }
}
