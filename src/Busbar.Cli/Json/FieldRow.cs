// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>One field of a decoded structure.</summary>
/// <param name="Field">Name in the standard.</param>
/// <param name="Raw">The value as it stands in memory.</param>
/// <param name="Meaning">What it means.</param>
internal sealed record FieldRow(string Field, string Raw, string Meaning);
