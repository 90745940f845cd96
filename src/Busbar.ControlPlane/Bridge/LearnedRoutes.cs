// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>
/// The ranges that Routing Information Updates of one bus taught us. A newer entry replaces what it covers and splits what it covers in part; ranges never overlap.
/// </summary>
internal sealed class LearnedRoutes
{
    /// <summary>More ranges than that are not kept; an assignable EID each would be 247.</summary>
    public const int MostEntries = 247;

    private readonly List<RoutingUpdateEntry> _entries = [];

    /// <summary>The ranges, by first EID.</summary>
    public IReadOnlyList<RoutingUpdateEntry> Entries => _entries;

    /// <summary>True for an entry that can be one: a known kind, and a range within 8 to 254.</summary>
    /// <param name="entry">What a peer sent.</param>
    public static bool IsPlausible(in RoutingUpdateEntry entry) =>
        entry.Kind <= RoutingEntryKind.RangeWithoutBridge && entry.First.IsAssignable && entry.Count != 0 && entry.First.Value + entry.Count - 1 <= 254
        && (entry.Count == 1 || entry.Kind is RoutingEntryKind.RangeWithBridge or RoutingEntryKind.RangeWithoutBridge);

    /// <summary>Takes an entry in.</summary>
    /// <param name="entry">A plausible entry.</param>
    public void Replace(in RoutingUpdateEntry entry)
    {
        int first = entry.First.Value;
        int end = first + entry.Count;
        var rest = new List<RoutingUpdateEntry>(_entries.Count + 2);
        foreach (RoutingUpdateEntry old in _entries)
        {
            int oldFirst = old.First.Value;
            int oldEnd = oldFirst + old.Count;
            if (oldEnd <= first || oldFirst >= end)
            {
                rest.Add(old);
                continue;
            }

            // What is left of a range keeps its bridge's EID only if that was its first one.
            if (oldFirst < first) rest.Add(old with { Count = (byte)(first - oldFirst) });
            if (oldEnd > end) rest.Add(old with { Kind = WithoutBridge(old.Kind), First = new Eid((byte)end), Count = (byte)(oldEnd - end) });
        }

        rest.Add(entry);
        rest.Sort(static (left, right) => left.First.Value.CompareTo(right.First.Value));
        _entries.Clear();
        _entries.AddRange(rest);
    }

    /// <summary>Forgets everything, as the bus owner changed or our EID did.</summary>
    public void Clear() => _entries.Clear();

    private static RoutingEntryKind WithoutBridge(RoutingEntryKind kind) =>
        kind == RoutingEntryKind.RangeWithBridge ? RoutingEntryKind.RangeWithoutBridge : kind;
}
