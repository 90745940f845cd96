// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>What a client asks for in its first packet.</summary>
internal enum LaneKind : byte
{
    /// <summary>A datagram socket.</summary>
    Datagram = 0,

    /// <summary>A raw socket.</summary>
    Raw = 1,

    /// <summary>Administration by JSON documents.</summary>
    Administration = 2,
}
