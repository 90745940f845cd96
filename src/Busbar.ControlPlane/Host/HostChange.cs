// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>Something changed in an MCTP system.</summary>
/// <param name="Kind">What.</param>
/// <param name="Link">The link as it is now (as it was, when it was removed).</param>
/// <param name="Eid">The EID that came or went; null EID for changes of the link itself.</param>
public sealed record HostChange(HostChangeKind Kind, HostLink Link, Eid Eid = default);
