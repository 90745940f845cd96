// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>A <c>[[link]]</c> table: a link of Busbar's own stack, or with the kernel back end what to do with an interface of the kernel.</summary>
public sealed record LinkSettings
{
    /// <summary>Its name; with the kernel back end that of the interface.</summary>
    public required string Name { get; init; }

    /// <summary>What to open; null with the kernel back end, and for an emulated bus.</summary>
    public LinkSpec? Spec { get; init; }

    /// <summary>The bus to emulate, with endpoints of this process; null for a link to others.</summary>
    public EmulatedBusOptions? Emulated { get; init; }

    /// <summary>Its MCTP network; null leaves it as it is.</summary>
    public uint? Network { get; init; }

    /// <summary>Our part on it; null takes what <c>[[interface]]</c> rules or the top level say.</summary>
    public LinkRole? Role { get; init; }

    /// <summary>Largest packet sent, header included; null leaves the link's own limit.</summary>
    public int? Mtu { get; init; }

    /// <summary>Our EIDs on it, the source of what we send first.</summary>
    public IReadOnlyList<Eid> Addresses { get; init; } = [];

    /// <summary>Physical addresses to ask when looking for endpoints.</summary>
    public IReadOnlyList<PhysicalAddress> Scan { get; init; } = [];

    /// <summary>Where the table stands.</summary>
    public TomlPosition Position { get; init; }

    /// <inheritdoc/>
    public bool Equals(LinkSettings? other) => other is not null && Name == other.Name && Spec?.Text == other.Spec?.Text && Emulated == other.Emulated && Network == other.Network && Role == other.Role
        && Mtu == other.Mtu && Addresses.SequenceEqual(other.Addresses) && Scan.SequenceEqual(other.Scan);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Name, Spec?.Text, Emulated, Network, Role, Mtu);
}
