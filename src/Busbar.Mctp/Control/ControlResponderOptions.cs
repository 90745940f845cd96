// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What a <see cref="ControlResponder"/> says about its endpoint.</summary>
public sealed record ControlResponderOptions
{
    /// <summary>The versions of the base protocol that this implementation follows: 1.0, 1.1, 1.2 and 1.3.3.</summary>
    public static readonly IReadOnlyList<MctpVersion> BaseVersions = [new(1, 0), new(1, 1), new(1, 2), new(1, 3, 3)];

    /// <summary>UUID of the device.</summary>
    public required Guid Uuid { get; init; }

    /// <summary>UUID of the network; null answers Get Network ID with "unsupported command".</summary>
    public Guid? NetworkId { get; init; }

    /// <summary>Supported message types. Type 0 is listed too, unless <see cref="ListsControlType"/> says otherwise.</summary>
    public IReadOnlyList<MessageType> MessageTypes { get; init; } = [];

    /// <summary>Whether the list of message types names type 0. DSP0236 leaves that open; peers differ.</summary>
    public bool ListsControlType { get; init; } = true;

    /// <summary>Versions of message types, oldest first. The base specification and the control protocol have theirs built in.</summary>
    public IReadOnlyDictionary<MessageType, IReadOnlyList<MctpVersion>> TypeVersions { get; init; } =
        new Dictionary<MessageType, IReadOnlyList<MctpVersion>>();

    /// <summary>Vendor-defined command sets, at most 255.</summary>
    public IReadOnlyList<VendorDefinedSet> VendorSets { get; init; } = [];

    /// <summary>The static EID, or the null EID when there is none.</summary>
    public Eid StaticEid { get; init; }

    /// <summary>
    /// Whether the binding uses discovery (PCIe VDM does, SMBus does not). Without it, the discovery commands are unsupported and the Discovered
    /// flag cannot be set.
    /// </summary>
    public bool SupportsDiscovery { get; init; }

    /// <summary>The medium specific byte of the Get Endpoint ID answer.</summary>
    public byte MediumSpecific { get; init; }
}
