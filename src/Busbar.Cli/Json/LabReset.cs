// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>A reset that the lab caused on purpose.</summary>
/// <param name="By">lab or endpoint.</param>
/// <param name="RecoveredMs">From the request until packets flowed again.</param>
/// <param name="EidKept">True when the endpoint still had its EID; otherwise it was assigned anew.</param>
internal sealed record LabReset(string By, double RecoveredMs, bool EidKept);
