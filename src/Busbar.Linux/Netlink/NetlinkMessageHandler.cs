// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Takes bytes of rtnetlink.</summary>
/// <param name="messages">One or more messages with their headers, native byte order; valid during the call only.</param>
public delegate void NetlinkMessageHandler(ReadOnlySpan<byte> messages);
