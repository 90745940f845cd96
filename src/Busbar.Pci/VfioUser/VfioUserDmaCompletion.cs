// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// The end of an access to a client's memory by message. Called on the server's thread, without any lock, and must return quickly.
/// </summary>
/// <param name="error">
/// <see cref="Errno.None"/>; what the client answered (QEMU: ENODEV while bus mastering is off or the address is not mapped, E2BIG);
/// <see cref="Errno.ETIMEDOUT"/>; <see cref="Errno.ECONNRESET"/> when the client went; <see cref="Errno.EPROTO"/> when it answered nonsense.
/// </param>
/// <param name="data">What was read, valid during the call; empty for a write or an error.</param>
public delegate void VfioUserDmaCompletion(Errno error, ReadOnlySpan<byte> data);
