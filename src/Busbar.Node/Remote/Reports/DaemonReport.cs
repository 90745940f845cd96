// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>What a daemon says about itself.</summary>
public sealed record DaemonReport
{
    /// <summary>Version of the program, for instance <c>0.1.0</c>.</summary>
    public required string Version { get; init; }

    /// <summary><c>user</c> for Busbar's own stack, <c>kernel</c> for the kernel's AF_MCTP.</summary>
    public required string Backend { get; init; }

    /// <summary>UUID of the system, as its control responder tells it.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>The daemon's process.</summary>
    public int ProcessId { get; init; }

    /// <summary>The configuration file in force; null when there is none.</summary>
    public string? ConfigurationFile { get; init; }

    /// <summary>True when the D-Bus name is held.</summary>
    public bool HasDbus { get; init; }

    /// <summary>Clients of the daemon's sockets and of the demultiplexer, with what was refused.</summary>
    public ClientReport Clients { get; init; } = new();

    /// <summary>What the stack counted; null where the system does not count.</summary>
    public StackReport? Stack { get; init; }
}
