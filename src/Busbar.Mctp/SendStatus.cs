// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What became of a send. Everything but <see cref="Ok"/> means that nothing was sent.</summary>
public enum SendStatus
{
    /// <summary>The whole message was taken.</summary>
    Ok,

    /// <summary>The link, or the staging buffer in front of it, has no room now.</summary>
    WouldBlock,

    /// <summary>No route leads to the EID, the network is unknown, or the gateways form a loop (EHOSTUNREACH in Linux).</summary>
    NoRoute,

    /// <summary>The route leads through a gateway, and the outgoing link has no EID that could be the source.</summary>
    NoSourceAddress,

    /// <summary>All eight tags toward this peer are in use or cool down (EBUSY in Linux).</summary>
    NoTag,

    /// <summary>The message is longer than the stack's limit.</summary>
    TooLong,

    /// <summary>The link is down.</summary>
    LinkDown,

    /// <summary>The link index of an extended address is unknown.</summary>
    NoLink,

    /// <summary>The EID cannot be a destination: reserved, or null or broadcast without an extended address.</summary>
    BadAddress,

    /// <summary>A preallocated tag that this socket did not allocate toward this peer (ENOENT in Linux).</summary>
    TagNotAllocated,

    /// <summary>The socket is of the other kind: messages go through datagram sockets, packets through raw ones.</summary>
    WrongKind,

    /// <summary>A raw packet is shorter than its header, or larger than what the link takes.</summary>
    BadPacket,

    /// <summary>The socket is closed.</summary>
    Closed,

    /// <summary>The system wants a privilege that the process does not have (the kernel's own sockets; EACCES in Linux).</summary>
    NotPermitted,
}
