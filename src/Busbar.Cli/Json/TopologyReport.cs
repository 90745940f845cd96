// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>How a topology did.</summary>
internal sealed record TopologyReport
{
    /// <summary>True when everybody was found, every byte came back right, and every process ended in order.</summary>
    public required bool Ok { get; init; }

    public required string Name { get; init; }

    /// <summary>Processes that were started.</summary>
    public required int Processes { get; init; }

    /// <summary>Links between them, emulated buses included.</summary>
    public required int Links { get; init; }

    /// <summary>Bridges on the longest way from the bus owner.</summary>
    public required int BridgeLevels { get; init; }

    /// <summary>Everybody but the bus owner, by EID.</summary>
    public required IReadOnlyList<TopologyEndpoint> Endpoints { get; init; }

    /// <summary>From the start of the first process until everybody was found.</summary>
    public required double SettledS { get; init; }

    /// <summary>Messages that went there and back.</summary>
    public required long Messages { get; init; }

    /// <summary>Those of them that began at a bridge instead of the bus owner.</summary>
    public required long MessagesAcross { get; init; }

    public required double ElapsedS { get; init; }

    /// <summary>One line for each thing that went wrong.</summary>
    public required IReadOnlyList<string> Failures { get; init; }
}
