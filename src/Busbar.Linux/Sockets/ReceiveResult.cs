// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>What a look at a connection brought.</summary>
public enum ReceiveResult
{
    /// <summary>One whole message.</summary>
    Received,

    /// <summary>No whole message yet; what came of it is kept.</summary>
    WouldBlock,

    /// <summary>The other end closed between two messages, or the connection was disposed.</summary>
    Closed,

    /// <summary>The stream ended inside a message. The connection is useless from here on.</summary>
    Truncated,

    /// <summary>
    /// A message came with more than one descriptor, or this process had none free to take one: the kernel then drops it. The
    /// connection is useless from here on, because nobody knows what is missing.
    /// </summary>
    BadDescriptors,
}
