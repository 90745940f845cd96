// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>What the kernel announced.</summary>
public enum NetlinkChangeKind
{
    /// <summary>An interface is new, or something about it is; the announcement tells all that there is to know about it.</summary>
    LinkSet,

    /// <summary>An interface was removed.</summary>
    LinkRemoved,

    /// <summary>This system has a new EID.</summary>
    AddressAdded,

    /// <summary>This system has lost an EID.</summary>
    AddressRemoved,
}
