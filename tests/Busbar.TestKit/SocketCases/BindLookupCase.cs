// SPDX-License-Identifier: Apache-2.0
namespace Busbar.TestKit;

/// <summary>A request in one packet, and who of <see cref="SocketCaseTable.Binds"/> gets it.</summary>
/// <param name="Source">Source EID.</param>
/// <param name="Destination">Destination EID; one that the system under test holds in that network, or 0 or 255.</param>
/// <param name="Network">The network of the link that it arrives on.</param>
/// <param name="Type">Message type byte.</param>
/// <param name="Winner">Name of the bind; null when nobody gets it.</param>
public sealed record BindLookupCase(byte Source, byte Destination, uint Network, byte Type, string? Winner)
{
    /// <summary>True when the kernel drops such a packet before it looks for a socket: it does not take broadcasts.</summary>
    public bool IsDroppedByKernel => Destination == 255;

    /// <inheritdoc/>
    public override string ToString() => $"{Source} to {Destination} in network {Network}, type {Type:x2}: {Winner ?? "nobody"}";
}
