// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bench;

/// <summary>The result of <c>bench mmbi</c>.</summary>
/// <param name="Rows">Figures by strategy and size.</param>
/// <param name="Baselines">Figures of the C programs by name; empty when there is no compiler.</param>
/// <param name="Ratios">Ours over the baseline's, by name: medians of the rounds' own ratios.</param>
/// <param name="BaselinesMissing">Why there are no baselines, or null.</param>
/// <param name="Rounds">Rounds measured.</param>
/// <param name="Cpus">The processors of the measuring and of the answering process.</param>
public sealed record MmbiBenchReport(
    IReadOnlyList<MmbiBenchRow> Rows,
    IReadOnlyDictionary<string, Spread> Baselines,
    IReadOnlyDictionary<string, Spread> Ratios,
    string? BaselinesMissing,
    int Rounds,
    IReadOnlyList<int> Cpus);
