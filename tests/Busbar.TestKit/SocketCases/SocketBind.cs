// SPDX-License-Identifier: Apache-2.0
namespace Busbar.TestKit;

/// <summary>A bound socket of a case.</summary>
/// <param name="Name">What the case calls it.</param>
/// <param name="Type">Message type.</param>
/// <param name="Eid">Local EID; 255 for any.</param>
/// <param name="Network">Network; 0 for any (with <paramref name="Eid"/> 255) or the default one.</param>
/// <param name="Peer">The only peer whose requests it takes, which it is connected to before the bind; 0 for all.</param>
public sealed record SocketBind(string Name, byte Type, byte Eid, uint Network, byte Peer = 0);
