// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>How one attempt to receive ended.</summary>
internal enum ReceiveOutcome
{
    /// <summary>Nothing there yet.</summary>
    Nothing,

    /// <summary>A message is in the caller's buffer.</summary>
    Received,

    /// <summary>An outstanding request was lost with its link.</summary>
    LinkDown,

    /// <summary>The socket or its node is closed.</summary>
    Closed,
}
