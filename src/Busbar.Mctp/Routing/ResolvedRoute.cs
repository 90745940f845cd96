// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Where packets to one EID go, as resolved for people and tests.</summary>
/// <param name="Link">The outgoing link.</param>
/// <param name="Address">Physical address of the endpoint, or of the first gateway on the way.</param>
/// <param name="Mtu">Largest packet, header included: the smallest limit on the way.</param>
/// <param name="ViaGateway">True when the packets leave toward a gateway.</param>
public readonly record struct ResolvedRoute(MctpLink Link, PhysicalAddress Address, int Mtu, bool ViaGateway);
