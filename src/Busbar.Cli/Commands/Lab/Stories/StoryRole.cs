// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Somebody who speaks in a story.</summary>
/// <param name="Letter">What stands in front of the lines: A, B, ...</param>
/// <param name="Name">Who that is: "guest, host side", for instance.</param>
internal sealed record StoryRole(string Letter, string Name);
