// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>One announcement of the kernel about an interface or an MCTP address.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="Interface">Index of the interface.</param>
/// <param name="Link">The interface, when it is the subject; its network is null when MCTP does not use it.</param>
/// <param name="Eid">The EID, when it is the subject.</param>
public readonly record struct NetlinkChange(NetlinkChangeKind Kind, int Interface, NetlinkLink? Link = null, byte Eid = 0);
