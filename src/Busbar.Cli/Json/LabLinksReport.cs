// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What <c>busbar lab</c> saw on several links at once.</summary>
/// <param name="Ok">True when all of them are.</param>
/// <param name="Links">One report per link, in the order of the command line.</param>
/// <param name="ElapsedS">Seconds for all together.</param>
internal sealed record LabLinksReport(bool Ok, IReadOnlyList<LabReport> Links, double ElapsedS);
