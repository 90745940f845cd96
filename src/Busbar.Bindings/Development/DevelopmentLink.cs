// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Mctp;

namespace Busbar.Bindings;

/// <summary>
/// A link for joining two nodes, by a framing of our own (<see cref="DevelopmentFrame"/>) over anything that carries datagrams. Point to point, no addresses. Up while
/// each end has heard the other. Each packet costs the channel one call.
/// </summary>
public sealed class DevelopmentLink : MctpLink
{
    // Datagrams that are no packets do not count against the caller's budget; this many end the turn all the same.
    private const int SkipsPerPoll = 64;

    // The channel tells when it has room again; this is for those who cannot wait for that.
    private const int WriteRetryMs = 10;
    private const int HeldRetryMs = 1;
    private const int LengthSize = sizeof(ushort);

    private readonly DevelopmentLinkOptions _options;
    private readonly OutputQueue _output;
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(DevelopmentFrame.LargestDatagram + 1);
    private readonly byte[] _control = new byte[DevelopmentFrame.HelloSize];
    private IDatagramChannel? _channel;
    private bool _mayRead;
    private long _now;

    // Bytes of a datagram in the buffer whose packet could not be handed on yet.
    private int _held;

    // The other end's session, zero while nothing was heard; and whether it has heard ours.
    private uint _peer;
    private bool _isHeard;
    private uint _announced;
    private long _lastHeard;
    private long _nextHello;

    /// <summary>Creates a link without a medium.</summary>
    /// <param name="name">What users call it.</param>
    /// <param name="options">Session, sizes, times.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is out of its range, or the session is zero.</exception>
    public DevelopmentLink(string name, DevelopmentLinkOptions options)
        : base(name, PhysicalBinding.Vendor)
    {
        _options = options;
        ArgumentOutOfRangeException.ThrowIfZero(options.Session, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Mtu, MinimumMtu, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Mtu, DevelopmentFrame.LargestPacket, nameof(options));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.QueueBytes, LengthSize + DevelopmentFrame.LargestDatagram, nameof(options));
        Mtu = options.Mtu;
        _output = new OutputQueue(options.QueueBytes);
    }

    /// <summary>Datagrams by kind.</summary>
    public DevelopmentStatistics Medium { get; } = new();

    /// <summary>True from <see cref="Open"/> until the link has found the end of its channel, or <see cref="GiveUp"/>.</summary>
    public bool IsOnMedium => _channel is not null;

    /// <summary>True while datagrams wait for room in the channel.</summary>
    public bool HasOutput => _output.HasPending;

    /// <summary>True while a packet waits here, so that the medium's queues fill instead of ours.</summary>
    public bool IsHoldingBack => _held != 0;

    /// <inheritdoc/>
    public override long NextDeadline
    {
        get
        {
            if (_channel is null) return long.MaxValue;
            if (!_channel.IsOpen) return _now;
            long next = _held != 0 ? _now + HeldRetryMs : long.MaxValue;
            if (_output.HasPending) next = Math.Min(next, _now + WriteRetryMs);
            if (SendsHellos) next = Math.Min(next, _nextHello);
            if (_options.WatchesSilence && _peer != 0) next = Math.Min(next, _lastHeard + _options.SilenceMs);
            return next;
        }
    }

    // With a connection under it, hellos are needed only until both ends have heard each other.
    private bool SendsHellos => _options.WatchesSilence || !IsJoined;

    private bool IsJoined => _peer != 0 && _isHeard;

    /// <summary>Begins to use a medium.</summary>
    /// <param name="channel">The medium, which the link does not own.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Open(IDatagramChannel channel, long now)
    {
        GiveUp(now);
        _now = now;
        _channel = channel;
        _mayRead = true;
        SendHello();
    }

    /// <summary>Stops to use the medium; the link is down until <see cref="Open"/>.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public void GiveUp(long now)
    {
        _channel = null;
        _output.Clear();
        _held = 0;
        ForgetPeer(now);
    }

    /// <summary>Says that the channel has datagrams, or has lost its other end. Without it the link looks once a millisecond at most.</summary>
    public void NotifyReadable() => _mayRead = true;

    /// <inheritdoc/>
    public override SendRoom Room(int packets, int bytes)
    {
        if (!IsJoined || _channel is not { IsOpen: true }) return SendRoom.Down;
        long size = bytes + ((long)packets * (LengthSize + DevelopmentFrame.HeaderSize));
        if (size > _output.Capacity) return SendRoom.Never;
        return size <= _output.Free ? SendRoom.Now : SendRoom.Later;
    }

    /// <inheritdoc/>
    public override bool Write(in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int length = DevelopmentFrame.HeaderSize + MctpHeader.Size + first.Length + second.Length;
        if (!IsJoined || length > DevelopmentFrame.LargestDatagram) return false;
        Span<byte> room = _output.Reserve(LengthSize + length);
        if (room.IsEmpty) return false;
        BinaryPrimitives.WriteUInt16LittleEndian(room, (ushort)length);
        DevelopmentFrame.WritePacket(header, first, second, room[LengthSize..]);
        _output.Commit(room.Length);
        return true;
    }

    /// <inheritdoc/>
    public override void Flush()
    {
        _output.Publish();
        while (_output.HasPending && _channel is { IsOpen: true } channel)
        {
            ReadOnlySpan<byte> pending = _output.Pending;
            int length = BinaryPrimitives.ReadUInt16LittleEndian(pending);
            if (!channel.TryWrite(pending.Slice(LengthSize, length))) return;
            _output.Advance(LengthSize + length);
        }
    }

    /// <inheritdoc/>
    public override void Poll(ref PollContext context)
    {
        if (context.Now != _now) _mayRead = true;
        _now = context.Now;
        if (_channel is null) return;
        Receive(ref context);
        if (!_channel.IsOpen)
        {
            if (!context.IsDone && _held == 0) GiveUp(_now);
            return;
        }

        if (_options.WatchesSilence && _peer != 0 && _now >= _lastHeard + _options.SilenceMs)
        {
            Medium.Silences++;
            ForgetPeer(_now);
        }

        if (SendsHellos && _now >= _nextHello) SendHello();
        Flush();
    }

    /// <inheritdoc/>
    public override bool PrepareSleep() => _channel is null or { IsOpen: true };

    /// <inheritdoc/>
    public override void Close(long now)
    {
        if (_channel is { IsOpen: true } channel)
        {
            Flush();
            channel.TryWrite(_control.AsSpan(0, DevelopmentFrame.WriteGoodbye(_control)));
        }

        GiveUp(now);
    }

    private void Receive(ref PollContext context)
    {
        int skips = SkipsPerPoll;
        while (!context.IsDone && (_held != 0 || NextPacket(ref skips)))
        {
            ReadOnlySpan<byte> packet = DevelopmentFrame.PacketOf(_buffer.AsSpan(0, _held));
            var header = MctpHeader.Read(packet);
            if (!context.HasRoomBehind(this, header, packet.Length)) return;
            _held = 0;
            context.Deliver(this, header, packet[MctpHeader.Size..], default);
        }
    }

    // True when the buffer holds a packet for the stack.
    private bool NextPacket(ref int skips)
    {
        while (_mayRead && skips-- > 0 && _channel is { IsOpen: true } channel)
        {
            switch (channel.TryRead(_buffer, out int length))
            {
                case DatagramResult.None:
                    _mayRead = false;
                    return false;
                case DatagramResult.Stranger:
                    Medium.Strangers++;
                    CountDrop(DropReason.NotMctp);
                    break;
                case DatagramResult.TooLong:
                    Medium.TooLong++;
                    CountDrop(DropReason.PacketTooLarge);
                    break;
                default:
                    if (Take(_buffer.AsSpan(0, length))) return true;
                    break;
            }
        }

        return false;
    }

    // True when it is a packet for the stack.
    private bool Take(ReadOnlySpan<byte> datagram)
    {
        DevelopmentDatagram kind = DevelopmentFrame.Read(datagram, out DevelopmentHello hello);
        Medium.Count(kind);
        switch (kind)
        {
            case DevelopmentDatagram.Hello:
                _lastHeard = _now;
                TakeHello(hello);
                return false;
            case DevelopmentDatagram.Packet when IsJoined:
                _lastHeard = _now;
                _held = datagram.Length;
                return true;
            case DevelopmentDatagram.Packet:
                Medium.EarlyPackets++;
                CountDrop(DropReason.LinkDown);
                return false;
            case DevelopmentDatagram.Goodbye:
                ForgetPeer(_now);
                return false;
            case DevelopmentDatagram.TooLong:
                CountDrop(DropReason.PacketTooLarge);
                return false;
            case DevelopmentDatagram.OtherVersion:
                Medium.OtherVersion = datagram[2];
                CountDrop(DropReason.NotMctp);
                return false;
            default:
                CountDrop(DropReason.NotMctp);
                return false;
        }
    }

    private void TakeHello(in DevelopmentHello hello)
    {
        if (_peer != 0 && _peer != hello.Session)
        {
            // The other end began anew: whatever it knew of us is gone, and so is what we wait for.
            Medium.Restarts++;
            ForgetPeer(_now);
        }

        _peer = hello.Session;
        Mtu = Math.Min(_options.Mtu, hello.LargestPacket);

        // One that had heard us and has not any more has given us up.
        _isHeard = hello.Heard == _options.Session;
        ReportState(IsJoined, _now);
        if (_announced != _peer || !_isHeard) SendHelloSoon();
    }

    // Answers at once, but not faster than the other end asks, and not again and again within one millisecond.
    private void SendHelloSoon()
    {
        if (_announced != _peer) SendHello();
        else _nextHello = Math.Min(_nextHello, _now + 1);
    }

    private void SendHello()
    {
        if (_channel is not { IsOpen: true } channel) return;
        _nextHello = _now + _options.HelloMs;
        int length = DevelopmentFrame.WriteHello(new DevelopmentHello(_options.Session, _peer, DevelopmentFrame.LargestPacket), _control);

        // Hellos are small and rare, and come again: one that finds no room is not kept.
        if (!channel.TryWrite(_control.AsSpan(0, length))) return;
        _announced = _peer;
        Medium.HellosSent++;
    }

    private void ForgetPeer(long now)
    {
        _peer = 0;
        _announced = 0;
        _isHeard = false;
        _output.Clear();
        Mtu = _options.Mtu;
        ReportState(up: false, now);
    }
}
