// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bench;

/// <summary>The result of <c>bench forward</c>.</summary>
/// <param name="Rows">Figures by packet size.</param>
/// <param name="BaselinesMissing">Why there are no baselines, or null.</param>
/// <param name="Rounds">Rounds measured.</param>
/// <param name="Cpus">The processor of the bridge, and that of generator and sink.</param>
public sealed record ForwardBenchReport(IReadOnlyList<ForwardBenchRow> Rows, string? BaselinesMissing, int Rounds, IReadOnlyList<int> Cpus);
