// SPDX-License-Identifier: Apache-2.0
using System.Text.Json.Serialization;

namespace Busbar.Cli;

/// <summary>Echo requests of one size.</summary>
/// <param name="Size">Bytes of the body without the type byte.</param>
/// <param name="Count">Requests sent.</param>
/// <param name="Ok">Answers with every byte right.</param>
/// <param name="P50Us">Median round trip of requests that were alone.</param>
/// <param name="P99Us">99th percentile of those.</param>
/// <param name="MessagesPerS">Round trips a second with several in flight.</param>
internal sealed record LabEcho(
    int Size,
    int Count,
    int Ok,
    [property: JsonPropertyName("p50_us")] double P50Us,
    [property: JsonPropertyName("p99_us")] double P99Us,
    double MessagesPerS);
