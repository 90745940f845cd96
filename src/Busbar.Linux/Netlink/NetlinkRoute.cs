// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>A route of the kernel's MCTP: a range of EIDs that an interface, or a gateway, leads to.</summary>
public readonly record struct NetlinkRoute
{
    /// <summary>First EID, from 8.</summary>
    public required byte First { get; init; }

    /// <summary>Last EID, at most 254.</summary>
    public required byte Last { get; init; }

    /// <summary>The interface; 0 when a gateway is named instead.</summary>
    public int Interface { get; init; }

    /// <summary>The gateway's EID (kernel 6.17 and later); 0 when an interface is named instead.</summary>
    public byte Gateway { get; init; }

    /// <summary>The gateway's network; meaningful with <see cref="Gateway"/> only.</summary>
    public uint GatewayNetwork { get; init; }

    /// <summary>Largest packet on this route; 0 for that of the interface.</summary>
    public uint Mtu { get; init; }

    /// <summary>rtm_type as the kernel tells it: 1 unicast, 2 local (made by the kernel for each own EID). Not sent.</summary>
    public byte Kind { get; init; }

    /// <summary>True when the kernel made the route for an EID of its own.</summary>
    public bool IsLocal => Kind == Rtnetlink.RTN_LOCAL;
}
