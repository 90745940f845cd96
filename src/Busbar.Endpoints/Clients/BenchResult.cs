// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Endpoints;

/// <summary>What arrived of a run of data messages.</summary>
/// <param name="Tally">Messages received, dropped and invalid.</param>
/// <param name="Elapsed">From the ask to the last message.</param>
public sealed record BenchResult(BenchTally Tally, TimeSpan Elapsed)
{
    /// <summary>Body bytes per second.</summary>
    public double BytesPerSecond => Elapsed > TimeSpan.Zero ? Tally.Bytes / Elapsed.TotalSeconds : 0;
}
