// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>The last byte of the daemon's hello; a text in UTF-8 follows when it is a refusal.</summary>
internal enum LaneAnswer : byte
{
    /// <summary>Welcome.</summary>
    Welcome = 0,

    /// <summary>The daemon does not speak the client's version; its own stands in the hello.</summary>
    WrongVersion = 1,

    /// <summary>The daemon does not offer that lane.</summary>
    NotOffered = 2,

    /// <summary>There are too many clients.</summary>
    Busy = 3,
}
