// SPDX-License-Identifier: Apache-2.0
using Busbar.Bench;

namespace Busbar.Cli;

/// <summary>What <c>bench stack --json</c> prints.</summary>
/// <param name="Cases">Figures by (MTU, message).</param>
/// <param name="BaselinesMissing">Why there are no ratios, or null.</param>
internal sealed record BenchStackReport(IReadOnlyList<StackBenchCase> Cases, string? BaselinesMissing);
