// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>What a peer command brought about; nothing but <c>ok</c> where there is nothing to tell.</summary>
internal sealed record PeerReport
{
    public required bool Ok { get; init; }

    public int? Eid { get; init; }

    public uint? Network { get; init; }

    /// <summary>True when the endpoint was not known before; for a look at an address: when somebody was found there.</summary>
    public bool? New { get; init; }

    /// <summary>First EID of a bridge's pool.</summary>
    public int? PoolFirst { get; init; }

    public int? PoolLast { get; init; }

    public string ToText() => $"eid {Eid} net {Network} {(New == true ? "new" : "known")}{(PoolFirst is null ? string.Empty : $" pool {PoolFirst}-{PoolLast}")}";
}
