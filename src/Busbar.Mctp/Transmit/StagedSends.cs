// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// Messages that did not fit a link at once. Each sender has one message in service; the senders take turns packet by packet, so a long
/// message of one does not hold up the others.
/// </summary>
internal sealed class StagedSends
{
    private StagedFlow? _idle;

    // The ring of flows with work; the flow behind the last one is in service.
    private StagedFlow? _last;

    public bool IsEmpty => _last is null;

    /// <summary>Buffer bytes of all staged messages.</summary>
    public int Bytes { get; private set; }

    public int Messages { get; private set; }

    public void Add(object owner, Message message)
    {
        Bytes += message.Capacity;
        Messages++;
        FlowOf(owner).Queue.Enqueue(message);
    }

    /// <summary>The message whose packet is next; null when there is none.</summary>
    public Message? Current => _last?.Next!.Queue.Peek();

    /// <summary>The present message has sent a packet: it is the next sender's turn.</summary>
    public void Rotate() => _last = _last!.Next;

    /// <summary>Takes the present message out, because it is finished or cannot go on, and gives the turn to the next sender.</summary>
    public Message TakeCurrent()
    {
        StagedFlow flow = _last!.Next!;
        Message message = flow.Queue.Dequeue();
        Bytes -= message.Capacity;
        Messages--;
        if (!flow.Queue.IsEmpty) _last = flow;
        else Unlink(flow);
        return message;
    }

    private StagedFlow FlowOf(object owner)
    {
        StagedFlow? flow = _last;
        if (flow is not null)
        {
            do
            {
                if (ReferenceEquals(flow!.Owner, owner)) return flow;
                flow = flow.Next;
            }
            while (!ReferenceEquals(flow, _last));
        }

        flow = _idle ?? new StagedFlow();
        _idle = flow.Next;
        flow.Owner = owner;
        if (_last is null)
        {
            flow.Next = flow;
        }
        else
        {
            flow.Next = _last.Next;
            _last.Next = flow;
        }

        _last = flow;
        return flow;
    }

    // Removes the flow in service, which is the one behind the last.
    private void Unlink(StagedFlow flow)
    {
        if (ReferenceEquals(flow, _last)) _last = null;
        else _last!.Next = flow.Next;
        flow.Owner = null;
        flow.Next = _idle;
        _idle = flow;
    }
}
