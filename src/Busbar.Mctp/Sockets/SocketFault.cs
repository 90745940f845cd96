// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What went wrong for a socket outside of its own calls.</summary>
public enum SocketFault
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A link went down while one of the socket's requests was unanswered on it.</summary>
    LinkDown,
}
