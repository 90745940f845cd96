// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>What the user asked of <see cref="PingStream"/>.</summary>
internal sealed record PingStreamOptions
{
    public required IReadOnlyList<LinkSpec> Links { get; init; }

    /// <summary>Whom to ask; the null EID for whoever sits at the other end.</summary>
    public required Eid Target { get; init; }

    /// <summary>The EID to send from.</summary>
    public required Eid Local { get; init; }

    /// <summary>Round trips on each link; 0 for no end.</summary>
    public required int Count { get; init; }

    /// <summary>Bytes of an echo request.</summary>
    public required int Size { get; init; }

    /// <summary>From one request to the next.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>For each answer, and for the link at first.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>True for Get Endpoint ID instead of echo requests.</summary>
    public required bool Control { get; init; }
}
