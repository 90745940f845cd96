// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What <c>busbar lab</c> saw on one link.</summary>
internal sealed record LabReport
{
    /// <summary>True when every byte came back right and every step went as it should.</summary>
    public required bool Ok { get; init; }

    public string? Dialect { get; init; }

    public string? Wait { get; init; }

    /// <summary>Bytes of the whole window, the rendezvous page included.</summary>
    public int? WindowBytes { get; init; }

    public int? Seed { get; init; }

    /// <summary>Absent when the link did not get that far.</summary>
    public LabEndpoint? Endpoint { get; init; }

    public required LabLink Link { get; init; }

    /// <summary>One row per size, in the order of the sizes.</summary>
    public IReadOnlyList<LabEcho> Echo { get; init; } = [];

    /// <summary>Every size of a range, a message each.</summary>
    public LabBatch? Sweep { get; init; }

    /// <summary>Sizes chosen at random.</summary>
    public LabBatch? Random { get; init; }

    /// <summary>Requests that the endpoint sent and the lab answered; absent when the endpoint is not the lab's to command.</summary>
    public LabBatch? EndpointRequests { get; init; }

    public IReadOnlyList<LabReset> Resets { get; init; } = [];

    /// <summary>How the endpoint's process ended, 0 when in order; absent when it is not the lab's.</summary>
    public int? EndpointExitCode { get; init; }

    public required double ElapsedS { get; init; }

    /// <summary>One line for each thing that went wrong.</summary>
    public required IReadOnlyList<string> Failures { get; init; }

    public LabCounters? Counters { get; init; }

    /// <summary>The report on a link that could not be exercised to the end.</summary>
    public static LabReport OfFailure(string link, string reason, TimeSpan elapsed) => new()
    {
        Ok = false,
        Link = new LabLink(link, "unknown", false, 0, 0, 0),
        ElapsedS = Math.Round(elapsed.TotalSeconds, 3),
        Failures = [reason],
    };
}
