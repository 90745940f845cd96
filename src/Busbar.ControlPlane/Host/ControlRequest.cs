// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>A control request that arrived.</summary>
/// <param name="From">The sender: EID, network, tag, and always the link and physical address that it came in by.</param>
/// <param name="Destination">The EID that it was addressed to: one of ours, null, or broadcast; null as well where the system does not tell.</param>
public readonly record struct ControlRequest(MctpEndPoint From, Eid Destination);
