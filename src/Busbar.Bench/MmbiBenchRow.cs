// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bench;

/// <summary>One line of the result: one size with one waiting strategy.</summary>
/// <param name="Wait">Waiting strategy.</param>
/// <param name="Size">Message bytes, the type byte included.</param>
/// <param name="RttP50Ns">Round trip, median.</param>
/// <param name="RttP99Ns">Round trip, 99th percentile.</param>
/// <param name="RttMaxNs">Round trip, slowest.</param>
/// <param name="MessagesPerS">One way.</param>
/// <param name="BytesPerS">One way, body bytes with the type byte.</param>
/// <param name="AllocatedPerMessage">Managed bytes allocated in both processes for each one-way message.</param>
/// <param name="CpuNsPerMessage">Processor time of both processes for each one-way message.</param>
public sealed record MmbiBenchRow(
    string Wait,
    int Size,
    Spread RttP50Ns,
    Spread RttP99Ns,
    Spread RttMaxNs,
    Spread MessagesPerS,
    Spread BytesPerS,
    Spread AllocatedPerMessage,
    Spread CpuNsPerMessage);
