// SPDX-License-Identifier: Apache-2.0
namespace Busbar.BlackBox;

/// <summary>A route of the mock kernel: an interface, or a gateway in a network.</summary>
internal sealed record MockRoute(byte First, byte Last, int Interface, byte Gateway = 0, uint GatewayNetwork = 0, uint Mtu = 0);
