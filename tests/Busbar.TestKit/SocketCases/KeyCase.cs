// SPDX-License-Identifier: Apache-2.0
namespace Busbar.TestKit;

/// <summary>
/// A socket has sent a request from EID 8 to EID 9 (or has preallocated a tag for peer <see cref="Peer"/>); an answer in one packet arrives. Does the socket get it?
/// </summary>
/// <param name="Peer">9 for a request; 255 for a tag that is preallocated for any peer.</param>
/// <param name="Source">Source EID of the answer.</param>
/// <param name="Destination">Its destination EID; 8 and 9 are both held by the system under test.</param>
/// <param name="TagOffset">What to add to the request's tag, modulo 8.</param>
/// <param name="IsOwner">TO of the packet, which an answer has not.</param>
/// <param name="IsDelivered">Whether the socket gets it.</param>
public sealed record KeyCase(byte Peer, byte Source, byte Destination, int TagOffset, bool IsOwner, bool IsDelivered)
{
    /// <inheritdoc/>
    public override string ToString() =>
        $"asked {(Peer == 255 ? "anybody" : Peer)}, {Source} answers {Destination} with tag +{TagOffset}{(IsOwner ? " TO" : "")}: {(IsDelivered ? "delivered" : "dropped")}";
}
