// SPDX-License-Identifier: Apache-2.0
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>What the user asked of <see cref="PingStream"/>.</summary>
internal sealed record PingStreamOptions
{
    public required IReadOnlyList<LinkSpec> Links { get; init; }

    /// <summary>Opens one of them and waits until it is up.</summary>
    public required Func<LinkSpec, PeerSession> Open { get; init; }

    /// <summary>Round trips on each link; 0 for no end.</summary>
    public required int Count { get; init; }

    /// <summary>Bytes of an echo request.</summary>
    public required int Size { get; init; }

    /// <summary>From one request to the next.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>For each answer.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>True for Get Endpoint ID instead of echo requests.</summary>
    public required bool Control { get; init; }
}
