// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Bindings;

/// <summary>
/// MCTP over a serial line (DSP0253): point to point, no addresses, one packet per frame. Up while it has a channel. Frames leave in batches: one write per flush,
/// one read per turn.
/// </summary>
/// <remarks>
/// The receiver of Linux can lose its step for ever when a line is disturbed. Therefore flags are never sent between frames and never shared, and the burst that
/// brings such a receiver back (<see cref="SerialFrame.Resynchronisation"/>) is sent on opening, after requests that nobody answers, and on request.
/// </remarks>
public sealed class SerialLink : MctpLink
{
    // What is no packet does not count against the caller's budget; this many reads end the turn all the same.
    private const int ReadsPerPoll = 8;

    // The channel tells when it has room again; this is for those who cannot wait for that.
    private const int WriteRetryMs = 10;

    // Between two looks whether whoever gets our packets has room again; nothing announces that.
    private const int HeldRetryMs = 1;

    private readonly SerialLinkOptions _options;
    private readonly SerialReceiver _receiver;
    private readonly OutputQueue _output;
    private IByteChannel? _channel;
    private bool _mayRead;
    private bool _isPacketWaiting;
    private bool _isHolding;
    private bool _isResynchronisationDue;
    private long _now;

    // Requests since anything was heard, and when the first of them was sent.
    private int _unanswered;
    private long _silentSince;

    /// <summary>Creates a link without a line.</summary>
    /// <param name="name">What users call it.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">The MTU is not 68 to 255, or a frame of it does not fit the queue.</exception>
    public SerialLink(string name, SerialLinkOptions? options = null)
        : base(name, PhysicalBinding.Serial)
    {
        _options = options ?? new SerialLinkOptions();
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.Mtu, MinimumMtu, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(_options.Mtu, SerialFrame.LargestPacket, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(_options.QueueBytes, SerialFrame.LargestSize(SerialFrame.LargestPacket), nameof(options));
        Mtu = _options.Mtu;
        _output = new OutputQueue(_options.QueueBytes);
        _receiver = new SerialReceiver(Line);
    }

    /// <summary>Frames, faults and bursts.</summary>
    public SerialStatistics Line { get; } = new();

    /// <summary>True from <see cref="Open"/> until the link has found the end of its channel, or <see cref="GiveUp"/>.</summary>
    public bool IsOnLine => _channel is not null;

    /// <summary>True while frames wait for room in the channel.</summary>
    public bool HasOutput => _output.HasPending;

    /// <summary>True while a packet waits here, so that the line's queues fill instead of ours.</summary>
    public bool IsHoldingBack => _isHolding;

    /// <inheritdoc/>
    public override long NextDeadline
    {
        get
        {
            if (_channel is null) return long.MaxValue;
            if (!_channel.IsOpen) return _now;
            long next = _isHolding ? _now + HeldRetryMs : long.MaxValue;
            if (_output.HasPending) next = Math.Min(next, _now + WriteRetryMs);
            if (IsSilenceWatched) next = Math.Min(next, _silentSince + _options.SilenceMs);
            return next;
        }
    }

    private bool IsSilenceWatched => _options.SilentRequests > 0 && _unanswered >= _options.SilentRequests;

    /// <summary>Begins to use a line. What waited for a former one is lost, and the receiver starts anew.</summary>
    /// <param name="channel">The line, which the link does not own.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Open(IByteChannel channel, long now)
    {
        GiveUp(now);
        _now = now;
        _channel = channel;
        _mayRead = true;
        Line.Openings++;
        if (_options.ResynchroniseOnOpen) Resynchronise();
        ReportState(up: true, now);
    }

    /// <summary>Stops to use the line; the link is down until <see cref="Open"/>.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public void GiveUp(long now)
    {
        if (_channel is null) return;
        _channel = null;
        Line.Losses++;
        Line.BytesLost += _output.Capacity - _output.Free;
        _output.Clear();
        _receiver.Reset();
        _isPacketWaiting = false;
        _isHolding = false;
        _isResynchronisationDue = false;
        _unanswered = 0;
        ReportState(up: false, now);
    }

    /// <summary>Says that the channel has bytes, or has lost its other end. Without it the link looks once a millisecond at most.</summary>
    public void NotifyReadable() => _mayRead = true;

    /// <summary>Sends the burst that brings the other end's receiver back into step, behind the frames that already wait; as soon as there is room for it.</summary>
    public void Resynchronise()
    {
        if (_channel is null) return;
        _isResynchronisationDue = true;
        StageResynchronisation();
        _output.Publish();
        Drain();
    }

    /// <inheritdoc/>
    public override SendRoom Room(int packets, int bytes)
    {
        if (_channel is not { IsOpen: true }) return SendRoom.Down;

        // A packet that comes from another link may be longer than ours take; Linux would hear nothing more behind such a frame.
        if (bytes > (long)packets * MaximumMtu) return SendRoom.Never;
        long worst = ((long)packets * SerialFrame.Overhead) + (2L * bytes);
        if (worst > _output.Capacity) return SendRoom.Never;
        return worst <= _output.Free ? SendRoom.Now : SendRoom.Later;
    }

    /// <inheritdoc/>
    public override bool Write(in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int length = MctpHeader.Size + first.Length + second.Length;
        if (_channel is not { IsOpen: true } || length > MaximumMtu) return false;
        Span<byte> frame = _output.Reserve(SerialFrame.LargestSize(length));
        if (frame.IsEmpty) return false;
        _output.Commit(SerialFrame.Write(header, first, second, frame));
        Line.FramesSent++;
        if (header.IsTagOwner && header.IsEnd && _unanswered++ == 0) _silentSince = _now;
        return true;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        _output.Publish();
        Drain();
    }

    /// <inheritdoc/>
    public override void Poll(ref PollContext context)
    {
        bool isLater = context.Now != _now;
        _now = context.Now;
        if (_channel is null) return;
        if (isLater) _mayRead = true;
        _isHolding = false;
        WatchSilence();
        StageResynchronisation();
        Flush();
        Receive(ref context);
        if (!_channel.IsOpen && !context.IsDone && !_isHolding) GiveUp(_now);
    }

    /// <inheritdoc/>
    public override bool PrepareSleep() => _channel is null || (_channel.IsOpen && (_isHolding || !_receiver.HasUnread));

    /// <inheritdoc/>
    public override void Close(long now)
    {
        if (_channel is not null) Drain();
        GiveUp(now);
    }

    private void Receive(ref PollContext context)
    {
        int reads = ReadsPerPoll;
        while (!context.IsDone)
        {
            // A packet that was held back is still in the receiver.
            if (!_isPacketWaiting && !NextPacket(ref reads)) return;
            ReadOnlySpan<byte> packet = _receiver.Packet;
            if (!context.HasRoomBehind(this, MctpHeader.Read(packet), packet.Length))
            {
                _isHolding = true;
                return;
            }

            _isPacketWaiting = false;
            _unanswered = 0;
            context.Deliver(this, MctpHeader.Read(packet), packet[MctpHeader.Size..], default);
        }
    }

    // True when the receiver holds a packet.
    private bool NextPacket(ref int reads)
    {
        while (true)
        {
            long faults = Line.Faults;
            long bad = Line[SerialFault.BadCheck];
            _isPacketWaiting = _receiver.TryNext();
            CountDrops(faults, bad);
            if (_isPacketWaiting) return true;
            if (!_mayRead || reads-- == 0 || _channel is not { IsOpen: true } channel) return false;
            Span<byte> buffer = _receiver.Buffer;
            int count = channel.TryRead(buffer);
            _receiver.Commit(count);

            // A read that does not fill the buffer has emptied the channel, as far as can be told without another call.
            _mayRead = count == buffer.Length;
            if (count == 0) return false;
        }
    }

    private void CountDrops(long faultsBefore, long badBefore)
    {
        long bad = Line[SerialFault.BadCheck] - badBefore;
        long others = Line.Faults - faultsBefore - bad;
        while (bad-- > 0) CountDrop(DropReason.BadPacketIntegrity);
        while (others-- > 0) CountDrop(DropReason.NotMctp);
    }

    // Everything that was asked has stayed without an answer for long enough: maybe the other end is deaf.
    private void WatchSilence()
    {
        if (!IsSilenceWatched || _now < _silentSince + _options.SilenceMs) return;
        _unanswered = 0;
        _isResynchronisationDue = true;
    }

    private void StageResynchronisation()
    {
        if (!_isResynchronisationDue) return;
        Span<byte> room = _output.Reserve(SerialFrame.ResynchronisationSize);
        if (room.IsEmpty) return;
        SerialFrame.Resynchronisation.CopyTo(room);
        _output.Commit(room.Length);
        _isResynchronisationDue = false;
        Line.ResynchronisationsSent++;
    }

    private void Drain()
    {
        while (_output.HasPending && _channel is { IsOpen: true } channel)
        {
            int count = channel.TryWrite(_output.Pending);
            if (count == 0) return;
            _output.Advance(count);
        }
    }
}
