// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;

namespace Busbar.Cli;

/// <summary>The window that the lab makes for itself and an endpoint of its own.</summary>
internal sealed record LabWindowOptions
{
    public required MmbiDialect Dialect { get; init; }

    /// <summary>Waiting strategy by name; null for the window's default.</summary>
    public required string? Wait { get; init; }

    /// <summary>ivshmem or shm.</summary>
    public required string Window { get; init; }

    /// <summary>Window bytes.</summary>
    public required int Size { get; init; }
}
