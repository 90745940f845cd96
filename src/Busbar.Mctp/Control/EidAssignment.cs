// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>A bus owner gave a link its EID, or took it back to the static one.</summary>
/// <param name="Link">The link.</param>
/// <param name="Previous">The EID before; null EID when there was none.</param>
/// <param name="Eid">The EID now.</param>
/// <param name="BusOwner">Who asked for it: EID, link and physical address.</param>
/// <param name="Now">When, in monotonic milliseconds.</param>
public readonly record struct EidAssignment(MctpLink Link, Eid Previous, Eid Eid, MctpEndPoint BusOwner, long Now);
