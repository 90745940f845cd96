// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>One event of a long-running command: one JSON line, or one line for people.</summary>
internal sealed record EventLine
{
    /// <summary>What happened: ready, link_up, link_down, state, eid_assigned, requested, stats, client_connected, ..., stopped.</summary>
    public required string Event { get; init; }

    /// <summary>Seconds since the command started, where the moment matters.</summary>
    public double? AtS { get; init; }

    /// <summary>Number of a request, from 1.</summary>
    public int? Seq { get; init; }

    /// <summary>Microseconds of a round trip.</summary>
    public double? Us { get; init; }

    public int? Pid { get; init; }

    public string? Link { get; init; }

    /// <summary>What an emulated device looks like.</summary>
    public string? Profile { get; init; }

    /// <summary>How many MMBI instances it has.</summary>
    public int? Instances { get; init; }

    /// <summary>The MMBI instance that the event is about, from 0.</summary>
    public int? Instance { get; init; }

    public string? Role { get; init; }

    public string? Dialect { get; init; }

    public int? WindowBytes { get; init; }

    public string? Uuid { get; init; }

    public int? Eid { get; init; }

    /// <summary>The EID before.</summary>
    public int? Previous { get; init; }

    /// <summary>The EID of the bus owner that assigned it.</summary>
    public int? By { get; init; }

    public int? Mtu { get; init; }

    /// <summary>A network interface of the kernel.</summary>
    public string? Interface { get; init; }

    /// <summary>By which facility of the kernel it was made: tun or serial.</summary>
    public string? Via { get; init; }

    /// <summary>Its index.</summary>
    public int? Index { get; init; }

    /// <summary>Its MCTP network.</summary>
    public int? Network { get; init; }

    /// <summary>EIDs that it leads to: 9 or 9-12 each.</summary>
    public IReadOnlyList<string>? Routes { get; init; }

    public string? State { get; init; }

    public string? Old { get; init; }

    public string? Reason { get; init; }

    public string? Message { get; init; }

    public int? Size { get; init; }

    public long? Count { get; init; }

    public long? Ok { get; init; }

    /// <summary>Requests without an answer.</summary>
    public long? Lost { get; init; }

    public double? P50Us { get; init; }

    public double? P99Us { get; init; }

    public double? MessagesPerS { get; init; }

    public string? Socket { get; init; }

    public int? Vectors { get; init; }

    public int? Client { get; init; }

    public CounterReport? Counters { get; init; }

    /// <summary>What an emulated function counted.</summary>
    public FunctionReport? Function { get; init; }

    /// <summary>What a server of shared memory counted.</summary>
    public ServerReport? Server { get; init; }

    /// <summary>The line for people: the event, then what is known, in the order of the properties.</summary>
    public string ToText()
    {
        var words = new List<string> { Event.Replace('_', ' ') + ":" };
        if (Message is not null) words.Add(Message);
        Add("seq", Seq);
        Add("time", Us is { } us ? $"{us:0.0} us" : null);
        Add("pid", Pid);
        Add("link", Link);
        Add("profile", Profile);
        Add("instances", Instances);
        Add("instance", Instance);
        Add("role", Role);
        Add("dialect", Dialect);
        Add("window", WindowBytes);
        Add("uuid", Uuid);
        Add("eid", Eid);
        Add("before", Previous);
        Add("by", By);
        Add("mtu", Mtu);
        Add("interface", Interface);
        Add("via", Via);
        Add("index", Index);
        Add("network", Network);
        if (Routes is { Count: > 0 }) words.Add($"routes {string.Join(" ", Routes)}");
        if (State is not null) words.Add(Old is null ? State : $"{Old} -> {State}");
        if (Reason is not null) words.Add($"({Reason.Replace('_', ' ')})");
        Add("size", Size);
        Add("count", Count);
        Add("ok", Ok);
        Add("lost", Lost);
        Add("p50", P50Us is { } p50 ? $"{p50:0.0} us" : null);
        Add("p99", P99Us is { } p99 ? $"{p99:0.0} us" : null);
        Add("rate", MessagesPerS is { } rate ? $"{rate:0}/s" : null);
        Add("socket", Socket);
        Add("vectors", Vectors);
        Add("client", Client);
        Add("at", AtS is { } at ? $"{at:0.000} s" : null);
        if (Function is not null) words.Add("function");
        words.AddRange(Counted().Where(row => row.Value != 0).Select(row => $"{row.Name} {row.Value},"));
        if (words.Count > 1 && words[1].StartsWith('(')) words[0] = words[0].TrimEnd(':');
        return string.Join(' ', words).TrimEnd(':', ',');

        void Add(string name, object? value)
        {
            if (value is not null) words.Add($"{name} {value}");
        }
    }

    private IEnumerable<(string Name, long Value)> Counted() => [.. Counters?.Rows() ?? [], .. Function?.Rows() ?? [], .. Server?.Rows() ?? []];
}
