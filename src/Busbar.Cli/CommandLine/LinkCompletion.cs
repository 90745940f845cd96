// SPDX-License-Identifier: Apache-2.0
using System.CommandLine.Completions;
using Busbar.Mmbi;

namespace Busbar.Cli;

/// <summary>Completes a LINK piece by piece: binding and window first, then options, then the values of an option.</summary>
internal static class LinkCompletion
{
    private static readonly string[] s_windows = ["mmbi:ivshmem:", "mmbi:shm:", "mmbi:file:", "mmbi:pci:", "mmbi:vfio-user:"];
    private static readonly string[] s_keys =
        ["role=", "dialect=", "size=", "wait=", "instance=", "instances=", "peer=", "mtu=", "hugepages=", "backend=", "bar="];

    /// <summary>The words that may stand where the cursor is.</summary>
    public static IEnumerable<CompletionItem> Complete(CompletionContext context)
    {
        string word = context.WordToComplete;
        int comma = word.LastIndexOf(',');
        if (comma < 0) return Matching(s_windows, word, string.Empty);
        string before = word[..(comma + 1)];
        string part = word[(comma + 1)..];
        int equals = part.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0) return Matching(s_keys.Where(key => !before.Contains("," + key, StringComparison.Ordinal)), part, before);
        string head = part[..(equals + 1)];
        return Matching(ValuesOf(head), part[(equals + 1)..], before + head);
    }

    private static IEnumerable<string> ValuesOf(string key) => key switch
    {
        "role=" => ["owner", "discoverer"],
        "dialect=" => ["auto", .. MmbiDialect.All.Select(dialect => dialect.Name)],
        "size=" => ["64K", "256K", "2M", "16M"],
        "wait=" => ["spin", "adaptive", "block", "poll"],
        "instance=" => ["0", "1", "2", "3", "4", "5", "6", "7"],
        "backend=" => ["vfio", "iommufd", "sysfs"],
        "bar=" => ["0", "1", "2", "3", "4", "5"],
        "hugepages=" => ["on", "off"],
        _ => [],
    };

    private static IEnumerable<CompletionItem> Matching(IEnumerable<string> candidates, string start, string before) =>
        from candidate in candidates
        where candidate.StartsWith(start, StringComparison.Ordinal)
        select new CompletionItem(before + candidate);
}
