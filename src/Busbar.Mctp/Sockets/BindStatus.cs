// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What became of a bind or connect.</summary>
public enum BindStatus
{
    /// <summary>Done.</summary>
    Ok,

    /// <summary>Another socket has the same type, local EID, peer and network (EADDRINUSE in Linux).</summary>
    AddressInUse,

    /// <summary>This socket is bound or connected already; both happen at most once, and connecting comes first.</summary>
    AlreadyBound,

    /// <summary>The socket is connected, and the bind names another type or network (EINVAL in Linux).</summary>
    PeerMismatch,

    /// <summary>The EID cannot be bound or connected to, or the address carries a tag or an IC bit where none may be.</summary>
    BadAddress,

    /// <summary>A raw socket was asked to connect, or bound to a link that does not exist.</summary>
    WrongKind,

    /// <summary>The socket is closed.</summary>
    Closed,
}
