// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Endpoints;

/// <summary>A reset of the link, caused on purpose, that was followed by traffic again.</summary>
/// <param name="By">Who caused it.</param>
/// <param name="Recovered">From its cause until the link was up again.</param>
/// <param name="EidKept">True when the endpoint still had its EID; otherwise it was assigned anew.</param>
public sealed record ExerciseReset(string By, TimeSpan Recovered, bool EidKept);
