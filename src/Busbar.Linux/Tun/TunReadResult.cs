// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>How one attempt to read a packet from a TUN device ended.</summary>
public enum TunReadResult
{
    /// <summary>A packet is in the buffer.</summary>
    Packet,

    /// <summary>Nothing waits.</summary>
    Empty,

    /// <summary>A packet of another protocol than MCTP (the kernel sends some IPv6 of its own to any interface); it is gone.</summary>
    Foreign,

    /// <summary>A packet did not fit the buffer; it is gone.</summary>
    TooLong,

    /// <summary>The device is down or gone, or the descriptor is closed.</summary>
    Down,
}
