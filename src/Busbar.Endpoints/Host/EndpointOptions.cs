// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Endpoints;

/// <summary>What an emulated endpoint is.</summary>
public sealed record EndpointOptions
{
    /// <summary>The UUID that it reports; a fresh random one unless set.</summary>
    public Guid Uuid { get; init; } = Guid.NewGuid();

    /// <summary>The EID that it holds before a bus owner assigns another; <see cref="Eid.Null"/> for none.</summary>
    public Eid StaticEid { get; init; } = Eid.Null;

    /// <summary>How the node behaves.</summary>
    public MctpNodeOptions Node { get; init; } = new();
}
