// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using Busbar.Mctp;

namespace Busbar.Mmbi;

/// <content>The way of packets: staging, publishing, receiving, doorbells.</content>
public sealed partial class MmbiChannel
{
    private MmbiHeaderFormat? _receiveFormat;

    /// <summary>
    /// True while arrived packets may be handed out: runtime, and the last packets before a reset that the peer asked for.
    /// </summary>
    private bool IsReceiving => _phase is MmbiPhase.Running or MmbiPhase.Draining;

    /// <summary>Tells whether packets fit.</summary>
    /// <param name="packets">How many, at least 1.</param>
    /// <param name="bytes">Their payload bytes together.</param>
    public SendRoom Room(int packets, int bytes)
    {
        if (!_isUp || _phase != MmbiPhase.Running) return SendRoom.Down;
        MmbiProducer producer = _producer!;
        const int MostOverhead = MmbiPacketHeader.Size + 3;
        long needed = packets == 1 ? MmbiPacketHeader.Occupied(bytes) : bytes + ((long)packets * MostOverhead);
        if (needed > producer.Capacity) return SendRoom.Never;
        if (needed <= producer.Free && producer.IsPeerReady) return SendRoom.Now;
        return LookForRoom(producer, needed);
    }

    /// <summary>Stages one MCTP packet; see <see cref="MmbiProducer.TryWrite"/>.</summary>
    /// <param name="header">The transport header.</param>
    /// <param name="first">Payload behind it, first piece.</param>
    /// <param name="second">Payload, second piece.</param>
    /// <returns>False when there is no room or the channel is not up: nothing was staged.</returns>
    public bool TryWrite(MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (!_isUp || _phase != MmbiPhase.Running) return false;
        MmbiProducer producer = _producer!;
        if (new ProducerSink(producer, Statistics).Write(header, first, second)) return true;
        NoRoom(producer);
        return false;
    }

    /// <summary>Stages all packets of an MCTP message that <see cref="Room"/> admitted.</summary>
    /// <param name="header">Version, EIDs, TO and tag; SOM, EOM and sequence clear.</param>
    /// <param name="type">Type byte with IC bit.</param>
    /// <param name="body">The body without it.</param>
    /// <param name="unit">Payload bytes per packet.</param>
    /// <returns>False when the channel is not up, or the message was not admitted.</returns>
    public bool WriteMessage(MctpHeader header, byte type, ReadOnlySpan<byte> body, int unit)
    {
        if (!_isUp || _phase != MmbiPhase.Running) return false;
        MmbiProducer producer = _producer!;
        var sink = new ProducerSink(producer, Statistics);
        if (Packetiser.Write(ref sink, header, type, body, unit)) return true;
        NoRoom(producer);
        return false;
    }

    /// <summary>Stages room for one packet of any type; fill the slot before <see cref="Flush"/>.</summary>
    /// <param name="payloadLength">Payload bytes, at least 1.</param>
    /// <param name="type">What the packet carries.</param>
    /// <param name="slot">Where the payload goes.</param>
    /// <returns>False when there is no room, the peer does not accept packets, or the channel is not up: nothing was staged.</returns>
    public bool TryReserve(int payloadLength, MmbiPacketType type, out MmbiSlot slot)
    {
        slot = default;
        if (!_isUp || _phase != MmbiPhase.Running) return false;
        if (!_producer!.IsPeerReady || !_producer.TryReserve(payloadLength, type, out slot))
        {
            NoRoom(_producer);
            return false;
        }

        Statistics.PacketsSent++;
        Statistics.BytesSent += payloadLength;
        return true;
    }

    /// <summary>
    /// Publishes everything staged: what we have read, then what we have written (both words share a cache line), then, if the peer asked
    /// for it, one doorbell. A few nanoseconds when nothing is staged.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Flush()
    {
        MmbiProducer? producer = _producer;
        if (producer is null || !producer.HasStaged) return;
        _consumer!.Publish();
        producer.Commit();
        Ring();
    }

    /// <summary>The packet at the head of the ring; only what the last <see cref="Poll"/> saw.</summary>
    /// <param name="packet">The packet; read it before <see cref="Advance"/>.</param>
    /// <returns>False when nothing waits.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryReceive(out MmbiPacket packet)
    {
        if (IsReceiving && _consumer!.TryPeek(out packet))
        {
            if (!ReferenceEquals(_consumer.Format, _receiveFormat)) AdoptFormat(_consumer.Format);
            Statistics.PacketsReceived++;
            Statistics.BytesReceived += packet.Length;
            return true;
        }

        packet = default;

        // A header that makes no sense ends the session; the next poll must not take the short way.
        if (_consumer?.Violation != RingViolation.None) _nextTick = long.MinValue;
        return false;
    }

    /// <summary>Consumes the packet that <see cref="TryReceive"/> gave.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Advance()
    {
        MmbiConsumer consumer = _consumer!;
        consumer.Advance();

        // The peer learns late how far we are, because each time costs it a cache miss; but not so late that it has to wait.
        if (consumer.Owed > consumer.Length >> 2) PublishRead(consumer);
    }

    /// <summary>Leaves the packet that <see cref="TryReceive"/> gave in the ring, to be given again.</summary>
    /// <param name="packet">The packet.</param>
    public void Leave(in MmbiPacket packet)
    {
        Statistics.PacketsReceived--;
        Statistics.BytesReceived -= packet.Length;
    }

    /// <summary>Counts a packet that nobody wants and consumes it.</summary>
    /// <param name="type">Its type.</param>
    public void Skip(MmbiPacketType type)
    {
        Statistics.CountSkipped(type);
        Advance();
    }

    private void AdoptFormat(MmbiHeaderFormat format)
    {
        _receiveFormat = format;
        _producer!.Format = format.ForSending;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private SendRoom LookForRoom(MmbiProducer producer, long needed)
    {
        if (producer.Look() && producer.IsPeerReady && needed <= producer.Free)
        {
            _isBlocked = false;
            return SendRoom.Now;
        }

        NoRoom(producer);
        return SendRoom.Later;
    }

    private void NoRoom(MmbiProducer producer)
    {
        _isBlocked = true;
        if (producer.IsViolated) _nextTick = long.MinValue;
    }

    /// <summary>Tells the peer how far we have read, and rings when it might be waiting for that.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void PublishRead(MmbiConsumer consumer)
    {
        bool wasNearlyFull = consumer.Owed + consumer.Available > consumer.Length - (consumer.Length >> 2);
        consumer.Publish();
        if (wasNearlyFull || Dialect!.RingsAfterRead) Ring();
    }

    /// <summary>
    /// Rings the peer with nothing published, whether it wants that or not. For measurements, and for peers that seem to have missed one: a superfluous doorbell is
    /// legal at any time.
    /// </summary>
    public void RingDoorbell()
    {
        if (_bell >= 0) _window.Write8(_bell, _bellValue);
        if (_doorbell.CanRing) _doorbell.Ring();
    }

    /// <summary>
    /// Rings the peer if it wants that. Order: our stores, full fence, the doorbell or the peer's wish; the sleeper stores its wish, fences, and looks at
    /// our stores. Without the fence both could miss each other, and a device could see its doorbell before the pointer.
    /// </summary>
    private void Ring()
    {
        if (_bell < 0 && !_doorbell.CanRing) return;
        Interlocked.MemoryBarrier();
        if (_bell >= 0)
        {
            _window.Write8(_bell, _bellValue);
            Statistics.DoorbellsRung++;
        }

        if (!_doorbell.CanRing || !_doorbell.PeerWantsRing) return;
        _doorbell.Ring();
        Statistics.DoorbellsRung++;
    }

    /// <summary>Rings again when the peer has not moved for a while: some wake only by doorbell and forget one now and then.</summary>
    private void RingAgain(long now, bool isStuck)
    {
        if (!isStuck)
        {
            _ringAgainAt = now + _timings.RingAgainInterval;
            return;
        }

        if (now < _ringAgainAt) return;
        _ringAgainAt = now + _timings.RingAgainInterval;
        long before = Statistics.DoorbellsRung;
        Ring();
        if (Statistics.DoorbellsRung != before) Statistics.DoorbellsRepeated++;
    }
}
