// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>
/// Carries what happens on a link out of the node's lock: handlers only queue, and one thread prints (<see cref="EventQueue"/>).
/// </summary>
internal sealed class LinkWatcher
{
    private readonly EventQueue _events = new();
    private readonly LinkAttachment _attachment;
    private readonly Func<EventLine, EventLine>? _stamp;
    private MmbiReason? _lastReset;

    /// <param name="attachment">The link to follow.</param>
    /// <param name="stamp">Adds to each event when it happens; called under the node's lock.</param>
    public LinkWatcher(LinkAttachment attachment, Func<EventLine, EventLine>? stamp = null)
    {
        _stamp = stamp;
        _attachment = attachment;
        if (attachment is MmbiAttachment mmbi) mmbi.Transition = OnTransition;
    }

    /// <summary>Also follows what the endpoint reports.</summary>
    public void Watch(EndpointHost host)
    {
        host.LinkChanged += OnLink;
        host.EidAssigned += given => Post(new EventLine { Event = "eid_assigned", Eid = given.Eid.Value, Previous = given.Previous.Value, By = given.BusOwner.Eid.Value });
        if (host.Attachment.Link.IsUp) OnLink(up: true);
    }

    /// <summary>Follows the link of a node that is no endpoint.</summary>
    public void Watch(MctpNode node)
    {
        node.Use((stack, _) => stack.LinkChanged += (link, up, _) =>
        {
            if (ReferenceEquals(link, _attachment.Link)) OnLink(up);
        });
        if (_attachment.Link.IsUp) OnLink(up: true);
    }

    /// <summary>Prints events until the token is cancelled.</summary>
    /// <param name="writer">Prints.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="act">Called with each event before it is printed, on the thread that prints.</param>
    /// <param name="next">Called with each event after it was printed.</param>
    public void Run(EventWriter writer, CancellationToken stop, Action<EventLine>? act = null, Action<EventLine>? next = null) => _events.Run(writer, stop, act, next);

    /// <summary>Prints what is queued.</summary>
    public void Drain(EventWriter writer) => _events.Drain(writer);

    private void OnTransition(MmbiEvent change)
    {
        if (change.Reason is not (MmbiReason.Initialisation or MmbiReason.Closed)) _lastReset = change.Reason;
        Post(new EventLine
        {
            Event = "state",
            Old = change.Old == change.New ? null : Describe(change.Old),
            State = Describe(change.New),
            Reason = Names.Snake(change.Reason.ToString()),
        });
    }

    private void OnLink(bool up)
    {
        if (up)
        {
            _lastReset = null;
            Post(new EventLine { Event = "link_up", Mtu = _attachment.Link.Mtu });
        }
        else
        {
            Post(new EventLine { Event = "link_down", Reason = _lastReset is { } reason ? Names.Snake(reason.ToString()) : null });
        }
    }

    private static string Describe(MmbiState state) => state.ToString();

    private void Post(EventLine line) => _events.Post(_stamp is null ? line : _stamp(line));
}
