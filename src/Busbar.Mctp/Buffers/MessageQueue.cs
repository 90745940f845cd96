// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>First in, first out, linked through the messages themselves. A mutable struct: keep it in a field and do not copy it.</summary>
internal struct MessageQueue
{
    private Message? _tail;

    public Message? Head { get; private set; }

    public int Count { get; private set; }

    /// <summary>Buffer bytes that the queue holds (capacities, not contents).</summary>
    public int Bytes { get; private set; }

    public void Enqueue(Message message)
    {
        message.Next = null;
        if (Head is null) Head = message;
        else _tail!.Next = message;
        _tail = message;
        Count++;
        Bytes += message.Capacity;
    }

    public Message Dequeue()
    {
        Message message = Head!;
        Head = message.Next;
        message.Next = null;
        Count--;
        Bytes -= message.Capacity;
        return message;
    }
}
