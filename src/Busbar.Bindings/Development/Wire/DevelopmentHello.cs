// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>What a node says of itself on a development link.</summary>
/// <param name="Session">A number for this life of the node's end, never zero; another one means that it began anew.</param>
/// <param name="Heard">The session that it has heard of the other end; zero for none. Both ends are up when each has heard the other.</param>
/// <param name="LargestPacket">The largest packet that it takes, header included, at least 68.</param>
public readonly record struct DevelopmentHello(uint Session, uint Heard, int LargestPacket);
