// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What a receive brought besides the bytes.</summary>
/// <param name="From">
/// Sender: network, EID, type with IC bit, tag (owned by the sender when the message is a request), and the link and physical address that it
/// came from. Sending to it with <see cref="MctpTag.ToResponse"/> answers over the same link, whatever the route table says.
/// </param>
/// <param name="Local">The destination EID of the message: one of ours, null, or broadcast.</param>
/// <param name="Length">
/// Bytes of the body without its type byte (of the packet with its header, in a raw socket), also when the buffer was shorter.
/// </param>
/// <param name="Truncated">True when the buffer was shorter than <see cref="Length"/>.</param>
public readonly record struct MctpReceiveResult(MctpEndPoint From, Eid Local, int Length, bool Truncated);
