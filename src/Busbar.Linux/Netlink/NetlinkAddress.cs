// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>An EID of this system on an interface.</summary>
/// <param name="Interface">The interface's index.</param>
/// <param name="Eid">The EID, 8 to 254.</param>
public readonly record struct NetlinkAddress(int Interface, byte Eid);
