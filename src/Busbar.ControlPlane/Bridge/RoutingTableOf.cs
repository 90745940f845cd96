// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>Writes down who is where as Get Routing Table Entries tells it.</summary>
internal static class RoutingTableOf
{
    private const int PortMask = 0x1F;

    /// <summary>The table of a network: our own EIDs, the endpoints on our links, the pools of the bridges among them, and what a bus owner above us told.</summary>
    /// <param name="controller">Whose table.</param>
    /// <param name="network">The network.</param>
    /// <returns>By first EID.</returns>
    public static IReadOnlyList<RoutingTableEntry> Network(NetworkController controller, uint network)
    {
        var entries = new List<RoutingTableEntry>();
        foreach (ManagedEndpoint endpoint in controller.Endpoints.All)
        {
            // Those behind a bridge are covered by the range of its pool.
            if (endpoint.Network != network || endpoint.Bridge is not null || controller.Links.Find(endpoint.Link)?.Host is not { } link) continue;
            PhysicalAddress address = endpoint.IsLocal ? link.Address : endpoint.Address;
            bool isBridge = endpoint.IsLocal || endpoint.Kind == EndpointKind.BusOwnerOrBridge;
            if (endpoint.Pool is not { } pool)
            {
                entries.Add(Entry(link, endpoint.Eid, 1, isBridge ? RoutingEntryKind.Bridge : RoutingEntryKind.Endpoint, endpoint.IsLocal, address));
            }
            else if (pool.First.Value == endpoint.Eid.Value + 1)
            {
                entries.Add(Entry(link, endpoint.Eid, pool.Count + 1, RoutingEntryKind.RangeWithBridge, isStatic: false, address));
            }
            else
            {
                entries.Add(Entry(link, endpoint.Eid, 1, RoutingEntryKind.Bridge, isStatic: false, address));
                entries.Add(Entry(link, pool.First, pool.Count, RoutingEntryKind.RangeWithoutBridge, isStatic: false, address));
            }
        }

        foreach (UpstreamLink upstream in controller.Bridge.Upstreams)
        {
            if (controller.Links.Find(upstream.Index)?.Host is not { } link || link.Network != network) continue;
            foreach (RoutingUpdateEntry learned in upstream.Routes.Entries)
            {
                if (controller.Endpoints.Find(network, learned.First) is null)
                    entries.Add(Entry(link, learned.First, learned.Count, learned.Kind, isStatic: false, learned.Address));
            }
        }

        entries.Sort(static (left, right) => left.First.Value.CompareTo(right.First.Value));
        return entries;
    }

    private static RoutingTableEntry Entry(HostLink link, Eid first, int count, RoutingEntryKind kind, bool isStatic, PhysicalAddress address) =>
        new((byte)count, first, kind, isStatic, (byte)(link.Index & PortMask), link.Binding, PhysicalMedium.Unspecified, address);
}
