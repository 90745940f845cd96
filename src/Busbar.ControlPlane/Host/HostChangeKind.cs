// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>Kinds of <see cref="HostChange"/>.</summary>
public enum HostChangeKind
{
    /// <summary>A link that carries MCTP is there; its index is new.</summary>
    LinkAdded,

    /// <summary>A link went, with its EIDs, direct routes and neighbours.</summary>
    LinkRemoved,

    /// <summary>A link's name, network, MTU or state changed.</summary>
    LinkChanged,

    /// <summary>This system got an EID.</summary>
    AddressAdded,

    /// <summary>This system lost an EID.</summary>
    AddressRemoved,
}
