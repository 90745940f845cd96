// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>First in, first out. A mutable struct: keep it in a field and do not copy it.</summary>
/// <remarks>
/// A ring that grows to what was once needed. Places that were left keep their references: messages belong to the pool for good, and a
/// reference that is not written costs the collector's write barrier nothing.
/// </remarks>
internal struct MessageQueue
{
    private const int FirstCapacity = 8;

    private Message[]? _ring;
    private uint _head;

    public int Count { get; private set; }

    /// <summary>Buffer bytes that the queue holds (capacities, not contents).</summary>
    public int Bytes { get; private set; }

    public readonly bool IsEmpty => Count == 0;

    /// <summary>The oldest message. The queue must not be empty.</summary>
    public readonly Message Peek() => _ring![_head & (uint)(_ring.Length - 1)];

    public void Enqueue(Message message)
    {
        Message[]? ring = _ring;
        if (ring is null || Count == ring.Length) ring = Grow();
        ring[(_head + (uint)Count) & (uint)(ring.Length - 1)] = message;
        Count++;
        Bytes += message.Capacity;
    }

    /// <summary>Takes the oldest message. The queue must not be empty.</summary>
    public Message Dequeue()
    {
        Message message = Peek();
        _head++;
        Count--;
        Bytes -= message.Capacity;
        return message;
    }

    private Message[] Grow()
    {
        var larger = new Message[_ring is null ? FirstCapacity : _ring.Length * 2];
        for (uint i = 0; i < Count; i++) larger[i] = _ring![(_head + i) & (uint)(_ring.Length - 1)];
        _head = 0;
        _ring = larger;
        return larger;
    }
}
