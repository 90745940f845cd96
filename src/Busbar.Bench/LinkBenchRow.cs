// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bench;

/// <summary>Figures of one message size on a link: echo there and back through the endpoint at the other end.</summary>
/// <param name="Size">Message bytes, the type byte included.</param>
/// <param name="RttP50Ns">Round trip, median.</param>
/// <param name="RttP99Ns">Round trip, 99th percentile.</param>
/// <param name="EchoesPerS">Round trips per second with eight in flight.</param>
/// <param name="BytesPerS">Body bytes per second and direction with eight in flight.</param>
/// <param name="DoorbellsPerEcho">Doorbells that this side rang for each echo, over all.</param>
/// <param name="InterruptsPerEcho">Times that the other side's doorbell woke this one, for each echo, over all.</param>
/// <param name="RttOverWakeUp">Median round trip over the machine's own wake-up round trip of the same round.</param>
public sealed record LinkBenchRow(
    int Size,
    Spread RttP50Ns,
    Spread RttP99Ns,
    Spread EchoesPerS,
    Spread BytesPerS,
    Spread DoorbellsPerEcho,
    Spread InterruptsPerEcho,
    Spread RttOverWakeUp);
