// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>Reads routing tables of bridges page by page. What a bridge makes up is bounded, and left out.</summary>
internal sealed class RoutingTableReader
{
    // 247 EIDs can be assigned in a network; no honest table has more entries than that.
    private const int MostEntries = 256;
    private const int MostPages = 255;

    private readonly NetworkController _controller;

    public RoutingTableReader(NetworkController controller) => _controller = controller;

    /// <summary>Reads the whole table.</summary>
    /// <param name="bridge">Whose.</param>
    public async Task<TableReading> ReadAsync(ManagedEndpoint bridge)
    {
        var entries = new List<RoutingTableEntry>();
        var seen = new HashSet<byte>();
        string? complaint = null;
        byte handle = 0;
        while (handle != GetRoutingTableEntriesResponse.Last)
        {
            if (!seen.Add(handle) || seen.Count > MostPages || entries.Count > MostEntries)
            {
                _controller.Statistics.BridgeLies++;
                complaint = $"has no end (entry handle {handle} came up again)";
                break;
            }

            TypedAnswer<GetRoutingTableEntriesResponse> answer =
                await _controller.Queries.AskAsync<GetRoutingTableEntriesRequest, GetRoutingTableEntriesResponse>(bridge.ByRoute, new(handle));
            if (answer.Value is not { } page)
            {
                if (seen.Count == 1) return new TableReading(null, answer.Answer is { Outcome: ControlOutcome.Answered, Code: CompletionCode.UnsupportedCommand }, null);
                complaint = $"breaks off at entry handle {handle}: {QueryErrors.For(answer.Answer).Message}";
                break;
            }

            complaint = Take(page.Entries, entries) ?? complaint;
            handle = page.NextHandle;
        }

        complaint = Foreign(bridge, entries) ?? complaint;
        return new TableReading(entries, IsUnsupported: false, complaint);
    }

    private string? Take(IReadOnlyList<RoutingTableEntry> page, List<RoutingTableEntry> entries)
    {
        string? complaint = null;
        foreach (RoutingTableEntry entry in page)
        {
            if (entry.Count != 0 && entry.First.IsAssignable && entry.First.Value + entry.Count <= 255)
            {
                entries.Add(entry);
                continue;
            }

            _controller.Statistics.BridgeLies++;
            complaint = $"has an entry of {entry.Count} EIDs from {entry.First}, which do not exist";
        }

        return complaint;
    }

    // A bridge knows its own EID, its pool, and what its bus owner told it. Anything else was not assigned by us; it is never followed.
    private string? Foreign(ManagedEndpoint bridge, List<RoutingTableEntry> entries)
    {
        foreach (RoutingTableEntry entry in entries)
        {
            for (int i = 0; i < entry.Count; i++)
            {
                var eid = new Eid((byte)(entry.First.Value + i));
                // What lies above us when we are a bridge ourselves is not ours to judge.
                if (!_controller.Allocator.IsFree(bridge.Network, eid) || !_controller.Allocator.IsOurs(bridge.Network, eid)) continue;
                _controller.Statistics.BridgeLies++;
                return $"names EID {eid}, which nobody was given";
            }
        }

        return null;
    }
}
