// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>A base address register and its window.</summary>
/// <param name="Bar">0 to 5.</param>
/// <param name="Kind"><c>memory32</c>, <c>memory64</c> or <c>io</c>.</param>
/// <param name="Prefetchable">True when reads have no side effects.</param>
/// <param name="Address">Where it is, hexadecimal; absent when it has no address.</param>
/// <param name="Bytes">Its length; absent when the kernel does not tell.</param>
internal sealed record PciBarRow(int Bar, string Kind, bool Prefetchable, string? Address, long? Bytes);
