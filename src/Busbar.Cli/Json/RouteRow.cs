// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>A route: to a link, or through a gateway. MTU 0 is the limit of the link or of the way to the gateway; packets are absent where nobody counts them.</summary>
internal sealed record RouteRow(int First, int Last, uint Network, string? Link, int? Gateway, int Mtu, long? Packets);
