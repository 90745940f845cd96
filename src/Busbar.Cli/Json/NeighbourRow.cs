// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Where an EID sits on a link.</summary>
internal sealed record NeighbourRow(int Eid, uint Network, string Link, string? Address);
