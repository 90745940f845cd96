// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Cli.Tests;

/// <summary>Plays several endpoints and bridges behind one link: answers control requests by the EID that they are addressed to.</summary>
internal sealed class PretendedNetwork : IMctpService
{
    private readonly Dictionary<byte, IReadOnlyList<RoutingTableEntry>?> _members = [];
    private readonly Eid _first;

    /// <param name="first">Whom the null EID means.</param>
    public PretendedNetwork(Eid first) => _first = first;

    /// <summary>Entries of a routing table that one answer holds.</summary>
    public int PageSize { get; init; } = 2;

    /// <summary>True for a bridge whose last page names the first as the next one, for ever.</summary>
    public bool LoopsPages { get; init; }

    /// <summary>Requests for routing tables.</summary>
    public int TableRequests { get; private set; }

    public IEnumerable<Eid> Members => _members.Keys.Select(eid => new Eid(eid));

    public void AddEndpoint(int eid) => _members.Add((byte)eid, null);

    public void AddBridge(int eid, params IReadOnlyList<RoutingTableEntry> table) => _members.Add((byte)eid, table);

    public static RoutingTableEntry Entry(int first, int count, RoutingEntryKind kind, int port) =>
        new((byte)count, new Eid((byte)first), kind, IsStatic: false, (byte)port, PhysicalBinding.Smbus, default, default);

    public void Handle(MctpStack stack, in MctpMessage message, long now)
    {
        if (!ControlHeader.TryParse(message.Body, out ControlHeader header) || !header.IsRequest) return;
        Eid eid = message.Local == Eid.Null ? _first : message.Local;
        if (!_members.TryGetValue(eid.Value, out IReadOnlyList<RoutingTableEntry>? table)) return;
        Span<byte> answer = stackalloc byte[64];
        header.ToResponse().Emit(answer);
        answer[2] = 0;
        Span<byte> data = answer[3..];
        int length = header.Command switch
        {
            ControlCommand.GetEndpointId => new GetEndpointIdResponse(eid, table is null ? EndpointKind.Simple : EndpointKind.BusOwnerOrBridge, EidKind.Dynamic, 0).Emit(data),
            ControlCommand.GetMessageTypeSupport => new GetMessageTypeSupportResponse([MessageType.Control]).Emit(data),
            ControlCommand.GetRoutingTableEntries when table is not null => Page(table, message.Body[2]).Emit(data),
            _ => -1,
        };
        if (length < 0) answer[2] = (byte)CompletionCode.UnsupportedCommand;
        message.Reply(answer[..(3 + Math.Max(length, 0))]);
    }

    private GetRoutingTableEntriesResponse Page(IReadOnlyList<RoutingTableEntry> table, byte handle)
    {
        TableRequests++;
        RoutingTableEntry[] page = [.. table.Skip(handle * PageSize).Take(PageSize)];
        bool isLast = (handle + 1) * PageSize >= table.Count;
        return new GetRoutingTableEntriesResponse(!isLast ? (byte)(handle + 1) : LoopsPages ? (byte)0 : GetRoutingTableEntriesResponse.Last, page);
    }
}
