// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What <c>busbar lab</c> saw.</summary>
internal sealed record LabReport
{
    /// <summary>True when every byte came back right and every step went as it should.</summary>
    public required bool Ok { get; init; }

    public required string Dialect { get; init; }

    public required string Wait { get; init; }

    /// <summary>Bytes of the whole window, the rendezvous page included.</summary>
    public required int WindowBytes { get; init; }

    public required int Seed { get; init; }

    public required LabEndpoint Endpoint { get; init; }

    public required LabLink Link { get; init; }

    /// <summary>One row per size, in the order of the sizes.</summary>
    public required IReadOnlyList<LabEcho> Echo { get; init; }

    /// <summary>Every size of a range, a message each.</summary>
    public required LabBatch Sweep { get; init; }

    /// <summary>Sizes chosen at random.</summary>
    public required LabBatch Random { get; init; }

    /// <summary>Requests that the endpoint sent and the lab answered.</summary>
    public required LabBatch EndpointRequests { get; init; }

    public required IReadOnlyList<LabReset> Resets { get; init; }

    /// <summary>How the endpoint's process ended; 0 when in order.</summary>
    public required int EndpointExitCode { get; init; }

    public required double ElapsedS { get; init; }

    /// <summary>One line for each thing that went wrong.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    public required LabCounters Counters { get; init; }
}
