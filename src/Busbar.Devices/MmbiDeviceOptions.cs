// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Mmbi;

namespace Busbar.Devices;

/// <summary>What an MMBI endpoint device is made of.</summary>
public sealed record MmbiDeviceOptions
{
    /// <summary>Window bytes unless told otherwise: 2 MiB.</summary>
    public const int DefaultWindowSize = 2 << 20;

    /// <summary>The profile.</summary>
    public DeviceProfile Profile { get; init; }

    /// <summary>Instances, each with an endpoint of its own: 1 to 7, at most 6 for <see cref="DeviceProfile.Ast2700"/>, which has one for each BAR.</summary>
    public int Instances { get; init; } = 1;

    /// <summary>The dialect; null for the profile's own. Only the profile of our own has a choice.</summary>
    public MmbiDialect? Dialect { get; init; }

    /// <summary>Bytes of each window, a power of two from 64 KiB to 1 GiB.</summary>
    public int WindowSize { get; init; } = DefaultWindowSize;

    /// <summary>Identifiers; null for the profile's own.</summary>
    public DeviceIdentity? Identity { get; init; }

    /// <summary>EID of the first instance's endpoint, the others count upwards; null EID for none until a bus owner assigns one.</summary>
    public Eid StaticEid { get; init; } = Eid.Null;

    /// <summary>UUID of the first instance's endpoint; the others have random ones. Null for a random one.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>What the endpoints do while nothing arrives.</summary>
    public Node.WaitStrategy Wait { get; init; } = Node.WaitStrategy.Adaptive;
}
