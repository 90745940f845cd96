// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>What was wrong with an ivshmem server, or with what it said.</summary>
public enum IvshmemFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>The handshake was not complete in time.</summary>
    TimedOut,

    /// <summary>The server closed the connection during the handshake; a server that has all the clients it wants does that.</summary>
    ServerClosed,

    /// <summary>The server speaks another version of the protocol.</summary>
    WrongVersion,

    /// <summary>A descriptor came with a number that takes none.</summary>
    UnexpectedDescriptor,

    /// <summary>A peer id outside 0..65535.</summary>
    BadPeerId,

    /// <summary>The third message was not the shared memory.</summary>
    MissingMemory,

    /// <summary>The shared memory is no mappable file, is empty, or does not consist of whole pages.</summary>
    UnusableMemory,

    /// <summary>Whoever else has the shared memory can take it away: it can shrink, or it consists of huge pages. An access then ends the process, which a trusting client accepts.</summary>
    UnsafeMemory,

    /// <summary>Shared memory came a second time.</summary>
    SecondMemory,

    /// <summary>A descriptor sent as a doorbell is something else.</summary>
    NotADoorbell,

    /// <summary>More doorbells than a peer may have, or than this client keeps altogether.</summary>
    TooManyDoorbells,

    /// <summary>The server said that we ourselves are gone.</summary>
    OwnDeparture,

    /// <summary>The stream ended inside a message.</summary>
    Truncated,

    /// <summary>A message had several descriptors, or this process had no room for one.</summary>
    BadDescriptors,
}
