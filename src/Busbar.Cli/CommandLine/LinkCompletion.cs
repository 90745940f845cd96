// SPDX-License-Identifier: Apache-2.0
using System.CommandLine.Completions;
using Busbar.Mmbi;

namespace Busbar.Cli;

/// <summary>Completes a LINK piece by piece: binding and medium first, then options, then the values of an option.</summary>
internal static class LinkCompletion
{
    private static readonly string[] s_media =
    [
        "mmbi:ivshmem:", "mmbi:shm:", "mmbi:file:", "mmbi:pci:", "mmbi:vfio-user:",
        "serial:/dev/tty", "serial:pty", "serial:unix:", "serial:tcp:", "dev:unix:", "dev:udp:", "astlpc:shm:",
    ];

    private static readonly string[] s_mmbiKeys =
        ["role=", "dialect=", "size=", "wait=", "instance=", "instances=", "peer=", "mtu=", "hugepages=", "trust=", "backend=", "bar="];

    /// <summary>The words that may stand where the cursor is.</summary>
    public static IEnumerable<CompletionItem> Complete(CompletionContext context)
    {
        string word = context.WordToComplete;
        int comma = word.LastIndexOf(',');
        if (comma < 0) return Matching(s_media, word, string.Empty);
        string before = word[..(comma + 1)];
        string part = word[(comma + 1)..];
        int equals = part.IndexOf('=', StringComparison.Ordinal);
        if (equals < 0) return Matching(KeysOf(word).Where(key => !before.Contains("," + key, StringComparison.Ordinal)), part, before);
        string head = part[..(equals + 1)];
        return Matching(ValuesOf(word, head), part[(equals + 1)..], before + head);
    }

    private static string[] KeysOf(string link) => string.Join(':', link.Split(':', 3).Take(2)) switch
    {
        "serial:unix" or "serial:tcp" => ["listen", "mtu="],
        var line when line.StartsWith("serial:/", StringComparison.Ordinal) => ["baud=", "mtu="],
        "dev:unix" => ["listen", "mtu="],
        "dev:udp" => ["peer=", "mtu="],
        "astlpc:shm" => ["role=", "size=", "wait=", "mtu="],
        var line when line.StartsWith("mmbi:", StringComparison.Ordinal) => s_mmbiKeys,
        _ => ["mtu="],
    };

    private static IEnumerable<string> ValuesOf(string link, string key) => key switch
    {
        "role=" when link.StartsWith("astlpc:", StringComparison.Ordinal) => ["bmc", "host"],
        "role=" => ["owner", "discoverer"],
        "wait=" when link.StartsWith("astlpc:", StringComparison.Ordinal) => ["spin", "poll"],
        "dialect=" => ["auto", .. MmbiDialect.All.Select(dialect => dialect.Name)],
        "size=" => ["64K", "256K", "2M", "16M"],
        "wait=" => ["spin", "adaptive", "block", "poll"],
        "instance=" => ["0", "1", "2", "3", "4", "5", "6", "7"],
        "backend=" => ["vfio", "iommufd", "sysfs"],
        "bar=" => ["0", "1", "2", "3", "4", "5"],
        "hugepages=" or "trust=" => ["on", "off"],
        "baud=" => ["9600", "57600", "115200", "921600", "3000000"],
        _ => [],
    };

    private static IEnumerable<CompletionItem> Matching(IEnumerable<string> candidates, string start, string before) =>
        from candidate in candidates
        where candidate.StartsWith(start, StringComparison.Ordinal)
        select new CompletionItem(before + candidate);
}
