// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>An endpoint of a topology, as the bus owner sees it.</summary>
/// <param name="Name">What the topology calls it.</param>
/// <param name="Eid">The EID that it was given; null when it was not found.</param>
/// <param name="Bridge">Name of the bridge in front of it; null on the bus owner's own links.</param>
/// <param name="Uuid">Its UUID.</param>
/// <param name="Sent">Echo messages sent.</param>
/// <param name="Intact">Echo messages that came back with every byte right.</param>
internal sealed record TopologyEndpoint(string Name, int? Eid, string? Bridge, Guid Uuid, int Sent, int Intact);
