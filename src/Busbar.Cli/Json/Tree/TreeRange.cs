// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>A range of EIDs of a <see cref="TreeReport"/>; port, binding and address only for an entry of a bridge's routing table, MTU and gateway only for a route.</summary>
internal sealed record TreeRange(int First, int Last, int? Port = null, string? Binding = null, string? Address = null, int? Mtu = null, int? Gateway = null);
