// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Where a <see cref="VfioUserServer"/> listens, and how much of this process a client may use.</summary>
public sealed record VfioUserServerOptions
{
    /// <summary>The socket file to create, at most 107 bytes.</summary>
    public required string SocketPath { get; init; }

    /// <summary>Who may connect: write permission on the socket file. Only its owner unless set; a QEMU that runs as another user needs more.</summary>
    public UnixFileMode SocketMode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>Ranges of memory that the client may give at one time, 1 to 65535. A virtual IOMMU makes one of each page.</summary>
    public int MaximumDmaMaps { get; init; } = VfioUserFormat.MostDmaMaps;

    /// <summary>Memory objects behind them that are mapped here, at least 1. QEMU has one for the guest's memory and a few for firmware and video.</summary>
    public int MaximumMemoryObjects { get; init; } = 256;

    /// <summary>Bytes of address space for them; address space costs nothing until it is touched.</summary>
    public long MaximumMappedBytes { get; init; } = 1L << 40;

    /// <summary>
    /// Milliseconds from connecting until a client must have agreed on a version, at least 1. There is one place for a client, and one that says nothing would keep it from all others.
    /// QEMU asks at once. Afterwards a client may be silent for as long as it likes.
    /// </summary>
    public int GreetingLimitMs { get; init; } = 5000;

    /// <summary>Milliseconds for which an access to the client's memory by message may go unanswered.</summary>
    public int MessageDmaLimitMs { get; init; } = 5000;

    /// <summary>Accesses by message that may wait for their turn, at least 1.</summary>
    public int MaximumMessageDmaWaiting { get; init; } = 256;

    /// <summary>The clock behind <see cref="GreetingLimitMs"/> and <see cref="MessageDmaLimitMs"/>.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
