// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Endpoints;

/// <summary>What an endpoint says about itself (DSP0236, control messages 02 to 06).</summary>
public sealed record EndpointInventory
{
    /// <summary>Its EID; <see cref="Eid.Null"/> when it has none yet.</summary>
    public required Eid Eid { get; init; }

    /// <summary>True for a bus owner or bridge, false for a simple endpoint.</summary>
    public required bool IsBridge { get; init; }

    /// <summary>What kind of EID it is, for people: "dynamic", "static in force", ...</summary>
    public required string EidType { get; init; }

    /// <summary>Its UUID; null when it does not implement the command.</summary>
    public Guid? Uuid { get; init; }

    /// <summary>The message types that it lists, in its order.</summary>
    public required IReadOnlyList<int> Types { get; init; }

    /// <summary>Versions, oldest first, by what they are of: "base" for DSP0236 itself, otherwise the message type in decimal.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<string>> Versions { get; init; }

    /// <summary>Vendor-defined message support, one line each: "pci 0x1234, set 0x0001".</summary>
    public required IReadOnlyList<string> Vendors { get; init; }
}
