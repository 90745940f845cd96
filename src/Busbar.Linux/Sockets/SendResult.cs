// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>What became of a message that was to be sent without waiting.</summary>
public enum SendResult
{
    /// <summary>The kernel has it, whole.</summary>
    Sent,

    /// <summary>The receiver does not read fast enough, or too many descriptors are on their way: nothing was sent.</summary>
    WouldBlock,

    /// <summary>The other end is gone, or the connection was disposed.</summary>
    Closed,
}
