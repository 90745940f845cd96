// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>One step of a story.</summary>
/// <param name="Name">What was done.</param>
/// <param name="Ok">True when it went as it should.</param>
/// <param name="ElapsedS">Seconds it took.</param>
/// <param name="Detail">What came out, if that is worth a line.</param>
internal sealed record StoryStep(string Name, bool Ok, double ElapsedS, string? Detail);
