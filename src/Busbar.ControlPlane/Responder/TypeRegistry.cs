// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>
/// The message types, with their versions, and the vendor-defined command sets that programs on this system serve: what Get Message Type Support, Get MCTP Version Support and
/// Get Vendor Defined Message Support tell. Each registration belongs to an owner and goes when the owner goes.
/// </summary>
/// <remarks>Used in the control plane's synchronization context. The error texts are mctpd's.</remarks>
public sealed class TypeRegistry
{
    // What fits one control message: the whole list of types must, and each type's list of versions; a selector names a set with one byte, and 0xFF means none.
    private const int MostTypes = 48;
    private const int MostVersions = (ControlHeader.LargestMessage - ControlHeader.ResponseSize - 1) / MctpVersion.Size;
    private const int MostVendorSets = byte.MaxValue;

    private readonly List<(object Owner, MessageType Type, IReadOnlyList<MctpVersion> Versions)> _types = [];
    private readonly List<(object Owner, VendorDefinedSet Set)> _sets = [];

    /// <summary>Something was registered, or went.</summary>
    public event Action? Changed;

    /// <summary>All supported types as they are told: control, the registered ones in the order of registration, and those of vendors when there are command sets.</summary>
    public IReadOnlyList<MessageType> MessageTypes
    {
        get
        {
            var types = new List<MessageType> { MessageType.Control };
            types.AddRange(_types.Select(static entry => entry.Type));
            if (_sets.Exists(static entry => entry.Set.Format == VendorIdFormat.Pci)) types.Add(MessageType.VendorPci);
            if (_sets.Exists(static entry => entry.Set.Format == VendorIdFormat.Iana)) types.Add(MessageType.VendorIana);
            return types;
        }
    }

    /// <summary>The vendor-defined command sets, in the order of registration.</summary>
    public IReadOnlyList<VendorDefinedSet> VendorSets => [.. _sets.Select(static entry => entry.Set)];

    /// <summary>The versions of a registered type.</summary>
    /// <param name="type">The type.</param>
    /// <returns>Null when it is not registered; the base specification and the control protocol never are.</returns>
    public IReadOnlyList<MctpVersion>? Versions(MessageType type) => _types.Find(entry => entry.Type == type).Versions;

    /// <summary>Registers a message type.</summary>
    /// <param name="owner">Who serves it; any object.</param>
    /// <param name="type">The type, 1 to 0x7D; those of vendors come with their command sets.</param>
    /// <param name="versions">
    /// At least one word for each version. The four bytes go on the wire in this machine's byte order, as mctpd copies them; so a caller on a little-endian machine passes the
    /// major number in the lowest byte.
    /// </param>
    /// <exception cref="ControlPlaneException"><see cref="ControlPlaneError.InvalidArgument"/>.</exception>
    public void RegisterType(object owner, byte type, IReadOnlyList<uint> versions)
    {
        ArgumentNullException.ThrowIfNull(owner);
        ArgumentNullException.ThrowIfNull(versions);
        var wanted = new MessageType(type);
        if (wanted == MessageType.Control || wanted.Value >= MessageType.VendorPci.Value || wanted.HasIntegrityCheck) throw Refuse($"Invalid message type {type}");
        if (versions.Count is 0 or > MostVersions) throw Refuse($"Message type {type} has {versions.Count} versions, 1 to {MostVersions} are possible");
        if (Versions(wanted) is not null) throw Refuse($"Message type {type} already registered");
        if (_types.Count == MostTypes) throw Refuse($"{MostTypes} message types are registered already, more do not fit an answer");
        _types.Add((owner, wanted, [.. versions.Select(static word => MctpVersion.Read(BitConverter.GetBytes(word)))]));
        Changed?.Invoke();
    }

    /// <summary>Registers a vendor-defined command set.</summary>
    /// <param name="owner">Who serves it; any object.</param>
    /// <param name="set">The set.</param>
    /// <exception cref="ControlPlaneException"><see cref="ControlPlaneError.InvalidArgument"/>.</exception>
    public void RegisterVendorSet(object owner, VendorDefinedSet set)
    {
        ArgumentNullException.ThrowIfNull(owner);
        if (set.Format is not (VendorIdFormat.Pci or VendorIdFormat.Iana)) throw Refuse($"Unsupported VID format: {(byte)set.Format}");
        if (set.Format == VendorIdFormat.Pci && set.VendorId > ushort.MaxValue) throw Refuse($"PCI vendor ID 0x{set.VendorId:x} has more than 16 bits");
        if (_sets.Exists(entry => entry.Set == set)) throw Refuse("VDM type already registered");
        if (_sets.Count == MostVendorSets) throw Refuse($"{MostVendorSets} vendor-defined sets are registered already, a selector cannot name more");
        _sets.Add((owner, set));
        Changed?.Invoke();
    }

    /// <summary>Drops all that an owner registered; harmless when that is nothing.</summary>
    /// <param name="owner">The owner.</param>
    public void Unregister(object owner)
    {
        int gone = _types.RemoveAll(entry => ReferenceEquals(entry.Owner, owner)) + _sets.RemoveAll(entry => ReferenceEquals(entry.Owner, owner));
        if (gone != 0) Changed?.Invoke();
    }

    private static ControlPlaneException Refuse(string text) => new(ControlPlaneError.InvalidArgument, text);
}
