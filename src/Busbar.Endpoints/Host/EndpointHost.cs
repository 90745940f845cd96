// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Endpoints;

/// <summary>
/// A whole endpoint on one link: a node, the control responder (type 0), and echo and bench (type 0x7e), all answered inside the node's own
/// turn. Members may be called from any thread; events are raised under the node's lock, so handlers must not block or call back.
/// </summary>
public sealed class EndpointHost : IDisposable
{
    /// <summary>Puts an endpoint on a link. The host owns the attachment from now on, also when this throws.</summary>
    /// <param name="attachment">An open link.</param>
    /// <param name="options">What the endpoint is; null for a random UUID and no EID.</param>
    public EndpointHost(LinkAttachment attachment, EndpointOptions? options = null)
    {
        options ??= new EndpointOptions();
        Attachment = attachment;
        Uuid = options.Uuid;
        try
        {
            Node = new MctpNode(options.Node);
        }
        catch
        {
            attachment.Dispose();
            throw;
        }

        Control = EndpointControl.Create(options);
        Control.EidAssigned += assignment => EidAssigned?.Invoke(assignment);
        var vendor = new VendorTypeService(Echo, Bench);
        Node.Use((stack, _) =>
        {
            stack.SetService(MessageType.Control, Control);
            stack.SetService(MessageType.VendorPci, vendor);
            stack.LinkChanged += (link, up, _) => LinkChanged?.Invoke(up);
        });
        LinkIndex = Node.AddLink(attachment);
        if (options.StaticEid != Eid.Null) Node.Use((stack, _) => stack.SetAddress(attachment.Link, options.StaticEid));
    }

    /// <summary>The link went up (true) or down.</summary>
    public event Action<bool>? LinkChanged;

    /// <summary>A bus owner changed our EID.</summary>
    public event Action<EidAssignment>? EidAssigned;

    /// <summary>The node.</summary>
    public MctpNode Node { get; }

    /// <summary>The link with what it stands on.</summary>
    public LinkAttachment Attachment { get; }

    /// <summary>The link's number in the node.</summary>
    public int LinkIndex { get; }

    /// <summary>The UUID that the endpoint reports.</summary>
    public Guid Uuid { get; }

    /// <summary>The responder of control requests.</summary>
    public ControlResponder Control { get; }

    /// <summary>The echo responder.</summary>
    public EchoService Echo { get; } = new();

    /// <summary>The bench responder.</summary>
    public BenchService Bench { get; } = new();

    /// <summary>The EID that the endpoint holds on the link at present.</summary>
    public Eid Eid => Node.Read((stack, _) => stack.SourceAddress(Attachment.Link));

    /// <summary>An address on the link that needs no route.</summary>
    /// <param name="eid">The peer's EID; <see cref="Eid.Null"/> for whoever sits there.</param>
    /// <param name="type">Message type.</param>
    public MctpEndPoint Peer(Eid eid, MessageType type) => new(eid, type, MctpTag.Owner, link: LinkIndex);

    /// <summary>Takes the link down in order, for the peer to see, and lets go of everything.</summary>
    public void Dispose() => Node.Dispose();
}
