// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>What an <see cref="IvshmemServer"/> offers.</summary>
public sealed record IvshmemServerOptions
{
    /// <summary>The socket file to create, at most 107 bytes.</summary>
    public required string SocketPath { get; init; }

    /// <summary>Bytes of shared memory: a power of two (a BAR cannot be anything else), at least 4096.</summary>
    public required long Size { get; init; }

    /// <summary>Doorbells per peer, 1 to <see cref="IvshmemProtocol.MostVectors"/>.</summary>
    public int Vectors { get; init; } = 1;

    /// <summary>
    /// Wishes about the memory. Reserved huge pages can be taken away by any client, which ends whoever touches them then: <see cref="IvshmemClient"/> takes such memory only when told to
    /// trust.
    /// </summary>
    public MemoryHints Hints { get; init; }

    /// <summary>Clients at one time; further ones are disconnected at once. 1 to 65536.</summary>
    public int MaximumClients { get; init; } = 256;

    /// <summary>Id of the first client, 0 to 65535; further ids count up from it.</summary>
    public int FirstId { get; init; }

    /// <summary>Milliseconds for which a client may leave its socket full before it is dropped.</summary>
    public int StallLimitMs { get; init; } = 5000;

    /// <summary>The clock behind <see cref="StallLimitMs"/>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
