// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>What a look at a datagram channel brought.</summary>
public enum DatagramResult
{
    /// <summary>One datagram.</summary>
    Received,

    /// <summary>Nothing now, or nothing for ever when the channel is not open any more.</summary>
    None,

    /// <summary>One that was longer than the buffer; it is lost.</summary>
    TooLong,

    /// <summary>One from somebody who is not the other end; it is lost.</summary>
    Stranger,
}
