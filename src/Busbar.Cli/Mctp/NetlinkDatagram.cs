// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Takes one netlink datagram as it came; the bytes are valid during the call only.</summary>
internal delegate void NetlinkDatagram(ReadOnlySpan<byte> datagram);
