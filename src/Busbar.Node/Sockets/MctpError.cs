// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>Why an operation of the node or of a socket failed.</summary>
public enum MctpError
{
    /// <summary>The time limit passed first.</summary>
    TimedOut,

    /// <summary>It would have had to wait, and waiting was not allowed.</summary>
    WouldBlock,

    /// <summary>No route leads to the EID, or the network or link does not exist.</summary>
    NoRoute,

    /// <summary>All eight tags toward the peer are in use or cooling down.</summary>
    NoTag,

    /// <summary>The message is longer than the configured limit.</summary>
    TooLong,

    /// <summary>The link is down, or went down while a request was outstanding.</summary>
    LinkDown,

    /// <summary>The address, tag or type is not usable here.</summary>
    BadAddress,

    /// <summary>Somebody else holds the bind or the role.</summary>
    AddressInUse,

    /// <summary>The socket or node is closed.</summary>
    Closed,

    /// <summary>The peer answered, but wrongly or with an error.</summary>
    PeerError,

    /// <summary>The peer was not there within the time limit.</summary>
    Unreachable,

    /// <summary>The configuration contradicts itself or what is found in the window.</summary>
    BadConfiguration,

    /// <summary>A privilege or a facility of the system is missing.</summary>
    MissingFacility,

    /// <summary>This kind of socket cannot do it, whatever the privileges: raw packets over the kernel's AF_MCTP, for instance.</summary>
    NotSupported,
}
