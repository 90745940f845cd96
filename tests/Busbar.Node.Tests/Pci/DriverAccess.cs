// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node.Tests;

/// <summary>One access of a driver to a window.</summary>
/// <param name="Bar">Which window.</param>
/// <param name="Offset">Bytes from its start.</param>
/// <param name="IsWrite">True for a write.</param>
/// <param name="Value">What was written, or read.</param>
internal sealed record DriverAccess(int Bar, int Offset, bool IsWrite, ulong Value);
