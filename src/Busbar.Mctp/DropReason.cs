// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// Why something that arrived, or was about to leave, was thrown away. Each reason has a counter in the stack and, where a link is
/// concerned, in the link (<see cref="DropCounters"/>). Clause names in brackets are those of DSP0236, "dropped packets" and
/// "terminated assembly".
/// </summary>
public enum DropReason
{
    /// <summary>The header version is not 1 (unsupported transmission format).</summary>
    BadVersion,

    /// <summary>The packet has no payload byte at all.</summary>
    EmptyPayload,

    /// <summary>The packet's integrity check on the medium failed; counted by bindings that have one.</summary>
    BadPacketIntegrity,

    /// <summary>The source EID is reserved (1..7) or the broadcast EID.</summary>
    ReservedSource,

    /// <summary>The destination EID is not ours, and the stack does not forward.</summary>
    NotForUs,

    /// <summary>The packet alone is longer than the longest message (bad, unexpected or expired size).</summary>
    PacketTooLarge,

    /// <summary>An answer (TO = 0) with a tag that nobody here has allocated toward that peer.</summary>
    UnknownTag,

    /// <summary>An answer to a request that expired or was given up; its tag still cools down.</summary>
    ExpiredTag,

    /// <summary>A middle or last packet without a running assembly.</summary>
    NoAssembly,

    /// <summary>A packet out of sequence; the assembly ended with it.</summary>
    BadSequence,

    /// <summary>A middle packet of another size than the first, or a last packet that is larger; the assembly ended with it.</summary>
    SizeChanged,

    /// <summary>The message grew over the longest allowed one; the assembly ended.</summary>
    MessageTooLong,

    /// <summary>A new first packet arrived for a running assembly; the older one was lost.</summary>
    Superseded,

    /// <summary>An assembly was not finished in time.</summary>
    AssemblyTimeout,

    /// <summary>The integrity check of a message failed; counted by the message type's own layer.</summary>
    BadMessageIntegrity,

    /// <summary>No socket is bound for the type and no service answers it (unsupported message type).</summary>
    NoListener,

    /// <summary>The oldest assembly of a peer had to make room because that peer has too many.</summary>
    PeerQuota,

    /// <summary>The oldest assembly of a link had to make room because that link has too many or too large ones.</summary>
    LinkQuota,

    /// <summary>An assembly had to make room because all of them together reached a bound.</summary>
    MemoryBound,

    /// <summary>The receive queue of the socket was full.</summary>
    QueueFull,

    /// <summary>The socket was closed with unread messages.</summary>
    SocketClosed,

    /// <summary>The queue of a raw socket was full; the packet itself went its normal way.</summary>
    RawQueueFull,

    /// <summary>The link went down (or left) in the middle of an assembly.</summary>
    LinkDown,

    /// <summary>More messages for services arrived in one turn than may wait.</summary>
    ServiceQueueFull,

    /// <summary>A service's answer found neither room on the link nor in the staging buffer.</summary>
    ReplyLost,

    /// <summary>A staged message was lost because its link went down or stopped taking packets of that size.</summary>
    StagedLost,

    /// <summary>A control message with an impossible combination of TO, Rq and D bits, or too short to be one (DSP0236, control message classes).</summary>
    BadControlMessage,

    /// <summary>A packet for the other end of a wire found no room there, and its own link had no way to hold it back.</summary>
    WireFull,

    /// <summary>The link did not take a packet although it had room: an interface of the kernel that is down, for instance.</summary>
    LinkRefused,

    /// <summary>Something that is no MCTP packet arrived on the medium: another protocol, or shorter than a transport header.</summary>
    NotMctp,

    /// <summary>A packet for somebody else, and no route leads there (forwarding is on).</summary>
    NoRoute,

    /// <summary>A packet for somebody else from the null EID, which a bridge never passes on.</summary>
    NullSource,

    /// <summary>A packet for somebody else whose source EID is one of our own: it has come back in a loop, or somebody pretends.</summary>
    OwnSource,

    /// <summary>A packet for somebody else whose route leads back to where it came from.</summary>
    RoutedBack,

    /// <summary>A packet for somebody else is larger than the outgoing link or the route takes; a bridge does not cut packets.</summary>
    TooLargeToForward,

    /// <summary>A packet for somebody else found no room on the outgoing link, and its own link could not hold it back, or did so long enough.</summary>
    ForwardFull,

    /// <summary>A packet for somebody else whose outgoing link is down.</summary>
    ForwardDown,

    /// <summary>A packet arrived on a link that an administrator has taken down.</summary>
    LinkDisabled,

    /// <summary>A packet that was sent found nobody at its physical address on a shared medium.</summary>
    NotAcknowledged,

    /// <summary>A packet lay on a shared medium until its station was unplugged, or deaf for so long that others needed its room.</summary>
    NotTaken,
}
