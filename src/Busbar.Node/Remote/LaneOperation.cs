// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>What a frame of a socket lane is. Below 0x40 clients ask, from 0x40 on the daemon tells.</summary>
internal enum LaneOperation : byte
{
    /// <summary>Nothing; never sent.</summary>
    None = 0,

    /// <summary>Bind; body: address.</summary>
    Bind = 1,

    /// <summary>Connect; body: address.</summary>
    Connect = 2,

    /// <summary>Send a message; body: address, payload without type byte. Flag 1: more follow at once.</summary>
    Send = 3,

    /// <summary>Send a packet (raw sockets); body: address, of which link and physical address count, packet.</summary>
    SendPacket = 4,

    /// <summary>Take a tag toward a peer ahead; body: address.</summary>
    AllocateTag = 5,

    /// <summary>Give such a tag back; body: address with the tag. Without reply.</summary>
    ReleaseTag = 6,

    /// <summary>Give up a request; body: address with the tag. Without reply.</summary>
    Abandon = 7,

    /// <summary>Publish what sends with flag 1 left unpublished. Without reply and body.</summary>
    Flush = 8,

    /// <summary>Ask for the numbers of waiting messages and of strays; no body.</summary>
    Query = 9,

    /// <summary>Count an answer that was none. Without reply and body.</summary>
    CountStray = 10,

    /// <summary>The reply to the request of the same serial; body: result, code, tag, zero, then text or numbers.</summary>
    Reply = 0x40,

    /// <summary>A message arrived; body: address of the sender, local EID, three zero bytes, payload.</summary>
    Message = 0x41,

    /// <summary>A link went down while an answer was outstanding; no body.</summary>
    LinkDown = 0x42,
}
