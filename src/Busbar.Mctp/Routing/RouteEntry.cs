// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>A route in a network's table, and what went along it.</summary>
internal sealed class RouteEntry(in MctpRoute route)
{
    public MctpRoute Route = route;

    public long Packets;
    public long Bytes;

    /// <summary>Counts packets that were handed to the link that the route leads to.</summary>
    /// <param name="packets">How many.</param>
    /// <param name="bytes">Their bytes together, headers included.</param>
    public void Count(int packets, long bytes)
    {
        Packets += packets;
        Bytes += bytes;
    }

    /// <summary>The route with its counters as they are now.</summary>
    public MctpRoute Read() => Route with { Packets = Packets, Bytes = Bytes };
}
