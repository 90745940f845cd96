// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>An access to the client's memory that waits for its turn or for its answer.</summary>
/// <param name="Address">First bus address.</param>
/// <param name="Count">Bytes.</param>
/// <param name="Data">What to write; null to read.</param>
/// <param name="Done">Called once.</param>
internal sealed record MessageDmaRequest(ulong Address, int Count, byte[]? Data, VfioUserDmaCompletion Done);
