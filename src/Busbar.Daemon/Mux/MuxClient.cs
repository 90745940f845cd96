// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>A client of the demultiplexer. Before its first packet, which names a message type, it has none.</summary>
internal sealed class MuxClient : IDisposable
{
    private const int PacketsPerTurn = 16;

    // What a client may leave unread beyond its socket's own buffer before it is dropped.
    private const int MostWaiting = 64;

    private readonly UnixPackets _packets;
    private readonly MuxListener _mux;
    private readonly LoopWatch _watch;
    private readonly Queue<byte[]> _waiting = new();
    private bool _ended;

    public MuxClient(UnixPackets packets, MuxListener mux, EventLoop loop)
    {
        _packets = packets;
        _mux = mux;
        _watch = loop.Watch(packets.Descriptor, PollEvents.Readable, Ready);
    }

    /// <summary>The type that the client asked for; null before it did.</summary>
    public MessageType? Type { get; private set; }

    /// <summary>Bytes of packets that wait for the client to read.</summary>
    public long WaitingBytes { get; private set; }

    /// <summary>Passes a packet on: source EID, type byte, payload.</summary>
    public void Deliver(ReadOnlySpan<byte> packet)
    {
        if (_ended) return;
        if (_waiting.Count == 0)
        {
            SendResult result = _packets.TrySend(packet);
            if (result == SendResult.Sent) return;
            if (result == SendResult.Closed)
            {
                Dispose();
                return;
            }
        }

        if (_waiting.Count >= MostWaiting)
        {
            _mux.Counters.Stalled++;
            Dispose();
            return;
        }

        _waiting.Enqueue(packet.ToArray());
        WaitingBytes += packet.Length;
        _mux.Hold(packet.Length);
        if (_ended) return;
        _watch.SetInterest(PollEvents.Readable | PollEvents.Writable);
    }

    public void Dispose()
    {
        if (_ended) return;
        _ended = true;
        _watch.Dispose();
        _packets.Dispose();
        _mux.Ended(this);
    }

    private void Ready(PollEvents events)
    {
        if ((events & PollEvents.Writable) != PollEvents.None) Flush();
        if (_ended) return;
        if ((events & PollEvents.Readable) != PollEvents.None) Read();
        else if ((events & (PollEvents.HangUp | PollEvents.Error)) != PollEvents.None) Dispose();
    }

    private void Flush()
    {
        while (_waiting.TryPeek(out byte[]? packet))
        {
            SendResult result = _packets.TrySend(packet);
            if (result == SendResult.WouldBlock) return;
            if (result == SendResult.Closed)
            {
                Dispose();
                return;
            }

            _waiting.Dequeue();
            WaitingBytes -= packet.Length;
            _mux.Hold(-packet.Length);
        }

        _watch.SetInterest(PollEvents.Readable);
    }

    private void Read()
    {
        byte[] buffer = _mux.Buffer;
        for (int i = 0; i < PacketsPerTurn && !_ended; i++)
        {
            ReceiveResult result = _packets.TryReceive(buffer, out int count);
            if (result == ReceiveResult.WouldBlock) return;
            if (result is not (ReceiveResult.Received or ReceiveResult.Truncated))
            {
                Dispose();
                return;
            }

            if (Type is null) Register(buffer.AsSpan(0, count));
            else if (result == ReceiveResult.Truncated) _mux.Counters.Dropped++;
            else _mux.Send(buffer.AsSpan(0, count));
        }
    }

    // One byte and no more; the control type is the daemon's own.
    private void Register(ReadOnlySpan<byte> packet)
    {
        if (packet.Length == 1 && packet[0] is > 0 and < 0x80 && _mux.TryRegister(new MessageType(packet[0])))
        {
            Type = new MessageType(packet[0]);
            return;
        }

        _mux.Counters.Refused++;
        Dispose();
    }
}
