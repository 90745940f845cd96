// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>The first byte of a reply's body.</summary>
internal enum LaneResult : byte
{
    /// <summary>Done; the code is 0.</summary>
    Done = 0,

    /// <summary>A send that was refused; the code is a <see cref="Mctp.SendStatus"/>.</summary>
    NotSent = 1,

    /// <summary>Refused; the code is a <see cref="MctpError"/>, and its text in UTF-8 follows.</summary>
    Failed = 2,
}
