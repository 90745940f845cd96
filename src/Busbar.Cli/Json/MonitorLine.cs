// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>One change that <c>busbar monitor</c> tells.</summary>
internal sealed record MonitorLine
{
    /// <summary>ready, link_added, link_removed, link_changed, address_added, address_removed, endpoint_added, endpoint_removed, endpoint_changed, note, missed.</summary>
    public required string Event { get; init; }

    public string? Link { get; init; }

    public int? Index { get; init; }

    public uint? Network { get; init; }

    public int? Eid { get; init; }

    public bool? Up { get; init; }

    /// <summary>Whether the medium of a link is there; only the kernel tells.</summary>
    public bool? Carrier { get; init; }

    public int? Mtu { get; init; }

    public string? Role { get; init; }

    /// <summary>EID of the bridge in front of the endpoint.</summary>
    public int? Bridge { get; init; }

    public string? Connectivity { get; init; }

    public string? Uuid { get; init; }

    public IReadOnlyList<int>? Types { get; init; }

    public int? PoolFirst { get; init; }

    public int? PoolLast { get; init; }

    /// <summary>What changed about an endpoint: connectivity, pool, mtu, identity.</summary>
    public string? Changed { get; init; }

    public string? Message { get; init; }

    /// <summary>Changes that were missed.</summary>
    public long? Lost { get; init; }

    /// <summary>The line for people: the event, then what is known.</summary>
    public string ToText()
    {
        var words = new List<string> { Event.Replace('_', ' ') + ":" };
        Add("eid", Eid);
        Add("net", Network);
        Add("dev", Link);
        Add("index", Index);
        Add("bridge", Bridge);
        Add("mtu", Mtu);
        if (Up is { } up) words.Add(up ? "up" : "down");
        if (Carrier is { } carrier) words.Add(carrier ? "carrier" : "no carrier");
        Add("role", Role);
        if (PoolFirst is not null) words.Add($"pool {PoolFirst}-{PoolLast}");
        if (Types is { Count: > 0 }) words.Add($"types {string.Join(",", Types)}");
        Add("uuid", Uuid);
        if (Connectivity is not null) words.Add(Connectivity);
        if (Changed is not null) words.Add($"({Changed})");
        Add("lost", Lost);
        if (Message is not null) words.Add(Message);
        return string.Join(' ', words).TrimEnd(':');

        void Add(string name, object? value)
        {
            if (value is not null) words.Add($"{name} {value}");
        }
    }
}
