// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>A route.</summary>
public sealed record RouteReport
{
    /// <summary>First EID.</summary>
    public int First { get; init; }

    /// <summary>Last EID.</summary>
    public int Last { get; init; }

    /// <summary>Index of the link of a direct route; 0 for a gateway route.</summary>
    public int Link { get; init; }

    /// <summary>The gateway's EID; 0 for a direct route.</summary>
    public int Gateway { get; init; }

    /// <summary>Network.</summary>
    public uint Network { get; init; }

    /// <summary>Largest packet, header included; 0 for the limit of the link.</summary>
    public int Mtu { get; init; }

    /// <summary>Packets along this route; null where the system does not count.</summary>
    public long? Packets { get; init; }
}
