// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Endpoints;

/// <summary>What an <see cref="EmulatedBus"/> looks like.</summary>
public sealed record EmulatedBusOptions
{
    /// <summary>The most endpoints on one bus: the 7-bit addresses that SMBus leaves to devices, less our own.</summary>
    public const int MostEndpoints = 111;

    /// <summary>How many endpoints, 1 to <see cref="MostEndpoints"/>.</summary>
    public int Endpoints { get; init; } = 1;

    /// <summary>Physical address of our own station, 0x08 to 0x77.</summary>
    public byte OwnAddress { get; init; } = 0x08;

    /// <summary>Physical address of the first endpoint; the others follow.</summary>
    public byte FirstAddress { get; init; } = 0x09;

    /// <summary>Largest packet, header included, from 68.</summary>
    public int Mtu { get; init; } = 254;

    /// <summary>What the bus claims to be.</summary>
    public PhysicalBinding Binding { get; init; } = PhysicalBinding.Smbus;

    /// <summary>Where the endpoints' UUIDs start from, so that the same description gives the same devices; each adds its address.</summary>
    public Guid Seed { get; init; } = Guid.NewGuid();
}
