// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Endpoints;

/// <summary>One device on an <see cref="EmulatedBus"/>: a stack of its own with control, echo and bench behind it.</summary>
/// <remarks>It runs under the lock of the node that the bus is plugged into.</remarks>
public sealed class EmulatedEndpoint
{
    private static readonly MctpStackOptions s_small = new() { ReassemblyContexts = 16, ReassemblyContextsPerLink = 16, ServiceQueueMessages = 64 };

    internal EmulatedEndpoint(SegmentLink station, Guid uuid)
    {
        Station = station;
        Uuid = uuid;
        Stack = new MctpStack(s_small);
        Control = EndpointControl.Create(new EndpointOptions { Uuid = uuid });
        Stack.SetService(MessageType.Control, Control);
        Stack.SetService(MessageType.VendorPci, new VendorTypeService(Echo, new BenchService()));
        Stack.AddLink(station);
    }

    /// <summary>Its place on the bus.</summary>
    public SegmentLink Station { get; }

    /// <summary>The UUID that it reports.</summary>
    public Guid Uuid { get; }

    /// <summary>The responder of control requests.</summary>
    public ControlResponder Control { get; }

    /// <summary>The echo responder.</summary>
    public EchoService Echo { get; } = new();

    /// <summary>The EID that a bus owner gave it; the null EID before that.</summary>
    public Eid Eid => Stack.SourceAddress(Station);

    internal MctpStack Stack { get; }
}
