// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <content>Who is where: addresses, routes, hops, UUIDs. Long lists come in pages, and a handle is the number of a page.</content>
internal sealed partial class ControlPlaneResponder
{
    // Behind the completion code, the next handle and the count.
    private const int PageSize = ControlHeader.LargestMessage - ControlHeader.ResponseSize - 2;
    private const int RoutingEntrySize = 6;
    private const int LocationSize = 4;
    private const int BaselineUnit = 64;
    private const int UnitStep = 16;

    private CompletionCode ResolveEndpointId(in ControlRequest request, ReadOnlySpan<byte> data, Span<byte> answer, ref int length)
    {
        if (!ResolveEndpointIdRequest.TryParse(data, out ResolveEndpointIdRequest wanted)) return CompletionCode.InvalidLength;
        if (_controller.Links.Find(request.From.Link)?.Host is not { } asked) return CompletionCode.Error;
        if (!_controller.Bridge.TryFindHop(asked.Network, wanted.Target, out Hop hop)) return CompletionCode.Error;
        if (!hop.IsLocal && hop.Link == asked.Index)
        {
            length = new ResolveEndpointIdResponse(hop.Next, hop.Address).Emit(answer);
            return CompletionCode.Success;
        }

        // The way leads to us or through us; a simple endpoint lets nothing through.
        Eid own = hop.IsLocal && hop.Link == asked.Index ? wanted.Target : EidOn(asked.Index);
        if (own == Eid.Null || (!hop.IsLocal && !_controller.Bridge.Forwards(asked.Index))) return CompletionCode.Error;
        length = new ResolveEndpointIdResponse(own, asked.Address).Emit(answer);
        return CompletionCode.Success;
    }

    private CompletionCode QueryHop(in ControlRequest request, ReadOnlySpan<byte> data, Span<byte> answer, ref int length)
    {
        if (!_controller.Bridge.Forwards(request.From.Link)) return CompletionCode.UnsupportedCommand;
        if (!QueryHopRequest.TryParse(data, out QueryHopRequest wanted)) return CompletionCode.InvalidLength;
        HostLink asked = _controller.Links.Find(request.From.Link)!.Host;
        if (!wanted.Target.IsAssignable || !_controller.Bridge.TryFindHop(asked.Network, wanted.Target, out Hop hop)) return CompletionCode.InvalidData;
        int outgoing = _controller.Links.Find(hop.Link)?.Host.Mtu ?? 0;
        if (hop.Mtu != 0) outgoing = Math.Min(outgoing, hop.Mtu);
        Eid next = hop.IsLocal || hop.Link == asked.Index ? Eid.Null : hop.Next;
        length = new QueryHopResponse(next, wanted.Type.Raw, StepsOf(asked.Mtu), StepsOf(outgoing)).Emit(answer);
        return CompletionCode.Success;
    }

    private CompletionCode GetRoutingTable(in ControlRequest request, ReadOnlySpan<byte> data, Span<byte> answer, ref int length)
    {
        if (!_controller.Bridge.Forwards(request.From.Link)) return CompletionCode.UnsupportedCommand;
        if (!GetRoutingTableEntriesRequest.TryParse(data, out GetRoutingTableEntriesRequest wanted)) return CompletionCode.InvalidLength;
        IReadOnlyList<RoutingTableEntry> all = RoutingTableOf.Network(_controller, _controller.Links.Find(request.From.Link)!.Host.Network);
        if (!TryTakePage(all, wanted.Handle, static entry => RoutingEntrySize + entry.Address.Length, out List<RoutingTableEntry> page, out byte next))
            return CompletionCode.InvalidData;
        length = new GetRoutingTableEntriesResponse(next, page).Emit(answer);
        return CompletionCode.Success;
    }

    private CompletionCode ResolveUuid(ReadOnlySpan<byte> data, Span<byte> answer, ref int length)
    {
        if (!ResolveUuidRequest.TryParse(data, out ResolveUuidRequest wanted)) return CompletionCode.InvalidLength;
        var all = new List<EndpointLocation>();
        foreach (ManagedEndpoint endpoint in _controller.Endpoints.All)
        {
            Guid? uuid = endpoint.IsLocal ? _controller.Options.Uuid : endpoint.Uuid;
            if (uuid != wanted.Uuid || _controller.Links.Find(endpoint.Link)?.Host is not { } link) continue;
            all.Add(new EndpointLocation(endpoint.Eid, link.Binding, PhysicalMedium.Unspecified, endpoint.IsLocal ? link.Address : endpoint.Address));
        }

        if (!TryTakePage(all, wanted.Handle, static location => LocationSize + location.Address.Length, out List<EndpointLocation> page, out byte next))
            return CompletionCode.InvalidData;
        length = new ResolveUuidResponse(next, page).Emit(answer);
        return CompletionCode.Success;
    }

    // Pages are cut anew each time; as long as nothing changes in between, they are the same. A page beyond the last is an error, except that an empty list has an empty first one.
    private static bool TryTakePage<T>(IReadOnlyList<T> all, byte handle, Func<T, int> sizeOf, out List<T> page, out byte next)
    {
        page = [];
        next = GetRoutingTableEntriesResponse.Last;
        int number = 0;
        int used = 0;
        foreach (T entry in all)
        {
            int size = sizeOf(entry);
            if (used + size > PageSize)
            {
                if (number == handle)
                {
                    if (number + 1 < GetRoutingTableEntriesResponse.Last) next = (byte)(number + 1);
                    return true;
                }

                number++;
                used = 0;
            }

            used += size;
            if (number == handle) page.Add(entry);
        }

        return page.Count != 0 || handle == 0;
    }

    private static ushort StepsOf(int mtu) => (ushort)(Math.Max(0, mtu - MctpHeader.Size - BaselineUnit) / UnitStep);
}
