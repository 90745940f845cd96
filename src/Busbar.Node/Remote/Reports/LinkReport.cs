// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>A link with the daemon's part on it.</summary>
public sealed record LinkReport
{
    /// <summary>Its number, from 1.</summary>
    public int Index { get; init; }

    /// <summary>Its name.</summary>
    public required string Name { get; init; }

    /// <summary>Its MCTP network.</summary>
    public uint Network { get; init; }

    /// <summary>Our physical address on it, hexadecimal bytes joined by colons; empty where the medium has none.</summary>
    public string Address { get; init; } = "";

    /// <summary>Largest packet sent, bytes, header included.</summary>
    public int Mtu { get; init; }

    /// <summary>The least that it may be set to.</summary>
    public int MinimumMtu { get; init; }

    /// <summary>The most that it may be set to.</summary>
    public int MaximumMtu { get; init; }

    /// <summary>Whether packets can flow (kernel: whether an administrator wants it up).</summary>
    public bool IsUp { get; init; }

    /// <summary>Physical transport binding, for instance <c>Mmbi</c> (the names of <see cref="Mctp.PhysicalBinding"/>).</summary>
    public string Binding { get; init; } = "";

    /// <summary>Our part: <c>BusOwner</c>, <c>Endpoint</c> or <c>Unknown</c>.</summary>
    public string Role { get; init; } = "";

    /// <summary>Our EIDs on it, the source of what we send first.</summary>
    public IReadOnlyList<int> Eids { get; init; } = [];

    /// <summary>What the link stands on, for people; null when not known.</summary>
    public string? Description { get; init; }

    /// <summary>The sysfs path without <c>/sys</c>; null when not known or not a device.</summary>
    public string? DevicePath { get; init; }

    /// <summary>Counters; null where the system does not count.</summary>
    public LinkCounterReport? Counters { get; init; }
}
