// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>What a look at a <see cref="MessageStream"/> brought.</summary>
internal enum ReceiveStatus
{
    /// <summary>A whole message.</summary>
    Message,

    /// <summary>No whole message yet.</summary>
    WouldBlock,

    /// <summary>A header whose size cannot be: what follows cannot be told apart from messages any more.</summary>
    BadSize,

    /// <summary>The other end closed between two messages.</summary>
    Closed,

    /// <summary>The other end closed inside a message.</summary>
    Truncated,
}
