// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>Kinds of <see cref="ChangeReport"/>.</summary>
public enum ChangeKind
{
    /// <summary>A link came.</summary>
    LinkAdded,

    /// <summary>A link went.</summary>
    LinkRemoved,

    /// <summary>A link's name, network, state or role changed.</summary>
    LinkChanged,

    /// <summary>The daemon got an EID.</summary>
    AddressAdded,

    /// <summary>The daemon lost an EID.</summary>
    AddressRemoved,

    /// <summary>An endpoint was published.</summary>
    EndpointAdded,

    /// <summary>A published endpoint went.</summary>
    EndpointRemoved,

    /// <summary>Something about a published endpoint changed.</summary>
    EndpointChanged,

    /// <summary>The control plane has something to say to people.</summary>
    Note,

    /// <summary>The watcher read too slowly and missed <see cref="ChangeReport.Lost"/> changes; it should read the state anew.</summary>
    Missed,
}
