// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Something changed in a stack's configuration.</summary>
/// <param name="Kind">What.</param>
/// <param name="Link">The link concerned, as it is now; one that was removed still has its index and network.</param>
/// <param name="Eid">The EID that came or went; the null EID for changes of the link itself.</param>
public readonly record struct StackChange(StackChangeKind Kind, MctpLink Link, Eid Eid = default);
