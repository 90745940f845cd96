// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>Kinds of <see cref="StackChange"/>.</summary>
public enum StackChangeKind
{
    /// <summary>A link was added.</summary>
    LinkAdded,

    /// <summary>A link was removed, with its EIDs, direct routes and neighbours.</summary>
    LinkRemoved,

    /// <summary>A link's state, network or MTU changed.</summary>
    LinkChanged,

    /// <summary>A link has one more EID of ours.</summary>
    AddressAdded,

    /// <summary>A link has one EID of ours less.</summary>
    AddressRemoved,
}
