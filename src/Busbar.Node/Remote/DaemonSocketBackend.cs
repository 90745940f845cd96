// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// A socket in a daemon. Whoever waits, for a message or for the reply to a request, reads the connection for all; messages that are met on the way wait in a bounded inbox.
/// </summary>
internal sealed class DaemonSocketBackend : SocketBackend
{
    // As many and as much as a socket's queue in the stack holds.
    private const int MostMessages = 4096;
    private const int MostBytes = 4 << 20;
    private const int RoomIntervalMs = 1;

    private readonly UnixPackets _connection;
    private readonly string _path;
    private readonly object _gate = new();
    private readonly Lock _asking = new();
    private readonly byte[] _frame = new byte[LaneFormat.LongestFrame];
    private readonly Queue<Arrived> _inbox = new();
    private readonly byte[] _reply = new byte[512];
    private int _inboxBytes;

    // Moves on with each frame that was read, so that nobody waits for one which another thread has read since.
    private long _news;
    private int _replyLength;
    private uint _serial;
    private uint _awaited;
    private int _strays;
    private bool _isReading;
    private bool _linkDown;
    private bool _isGone;
    private bool _isClosed;

    public DaemonSocketBackend(UnixPackets connection, string path)
    {
        _connection = connection;
        _path = path;
    }

    /// <summary>How long the daemon may take to accept a request, and to answer it.</summary>
    public int ReplyTimeoutMs { get; init; } = 10_000;

    public override int Strays => Query(offset: 4) + Volatile.Read(ref _strays);

    public override int Available
    {
        get
        {
            int there = Query(offset: 0);
            lock (_gate) return there + _inbox.Count;
        }
    }

    public override ReceiveOutcome Receive(Span<byte> buffer, TimeSpan timeout, out MctpReceiveResult result)
    {
        long deadline = timeout == TimeSpan.Zero ? 0 : MctpNode.DeadlineAfter(timeout);
        while (true)
        {
            long seen;
            lock (_gate)
            {
                seen = _news;
                if (_isClosed)
                {
                    result = default;
                    return ReceiveOutcome.Closed;
                }

                if (_inbox.TryDequeue(out Arrived arrived))
                {
                    arrived.Data.AsSpan(0, Math.Min(arrived.Length, buffer.Length)).CopyTo(buffer);
                    ArrayPool<byte>.Shared.Return(arrived.Data);
                    _inboxBytes -= arrived.Length;
                    result = new MctpReceiveResult(arrived.From, arrived.Local, arrived.Length, arrived.Length > buffer.Length);
                    return ReceiveOutcome.Received;
                }

                if (_linkDown)
                {
                    _linkDown = false;
                    result = default;
                    return ReceiveOutcome.LinkDown;
                }
            }

            if (Read(deadline, seen)) continue;
            result = default;
            return ReceiveOutcome.Nothing;
        }
    }

    public override async ValueTask<MctpReceiveResult> ReceiveAsync(MctpSocket socket, Memory<byte> buffer, CancellationToken cancellation)
    {
        const int SliceMs = 100;
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            TimeSpan wait = TimeSpan.Zero;
            for (int attempt = 0; attempt < 2; attempt++)
            {
                MctpReceiveResult result = default;
                TimeSpan limit = wait;
                ReceiveOutcome outcome = attempt == 0
                    ? Receive(buffer.Span, limit, out result)
                    : await Task.Run(() => Receive(buffer.Span, limit, out result), CancellationToken.None).ConfigureAwait(false);
                if (outcome == ReceiveOutcome.Received) return result;
                if (outcome == ReceiveOutcome.LinkDown) throw AsyncReceive.LinkDown();
                if (outcome == ReceiveOutcome.Closed) throw new MctpException(MctpError.Closed, "the socket is closed");
                wait = TimeSpan.FromMilliseconds(SliceMs);
            }
        }
    }

    public override SendStatus TrySend(in MctpEndPoint to, ReadOnlySpan<byte> payload, bool more, out MctpTag tag)
    {
        tag = default;
        if (payload.Length >= LaneFormat.LongestBody) return SendStatus.TooLong;
        return Ask(LaneOperation.Send, to, payload, hasAddress: true, more ? (byte)1 : (byte)0, out tag);
    }

    public override SendStatus WaitAndSend(in MctpEndPoint to, ReadOnlySpan<byte> payload, bool more, long deadline, out MctpTag tag)
    {
        while (true)
        {
            SendStatus status = TrySend(to, payload, more, out tag);
            if (status != SendStatus.WouldBlock || MctpNode.Now >= deadline) return status;

            // Room is not announced, neither to the daemon nor by it.
            Pause(TimeSpan.FromMilliseconds(RoomIntervalMs));
        }
    }

    public override SendStatus SendPacket(int link, ReadOnlySpan<byte> packet, in PhysicalAddress to) => packet.Length > LaneFormat.LongestBody
        ? SendStatus.BadPacket
        : Ask(LaneOperation.SendPacket, new MctpEndPoint(Eid.Null, MessageType.Control, link: link, address: to), packet, hasAddress: true, 0, out _);

    public override void Bind(in MctpEndPoint local) => Ask(LaneOperation.Bind, local, default, hasAddress: true);

    public override void Connect(in MctpEndPoint peer) => Ask(LaneOperation.Connect, peer, default, hasAddress: true);

    public override MctpTag? AllocateTag(in MctpEndPoint peer) =>
        Ask(LaneOperation.AllocateTag, peer, default, hasAddress: true, 0, out MctpTag tag) == SendStatus.NoTag ? null : tag;

    public override void ReleaseTag(in MctpEndPoint peer, MctpTag tag) => Tell(LaneOperation.ReleaseTag, peer with { Tag = tag });

    public override void Abandon(in MctpEndPoint to, MctpTag tag) => Tell(LaneOperation.Abandon, to with { Tag = tag });

    public override void CountStray() => Tell(LaneOperation.CountStray, default, hasAddress: false);

    public override void Flush() => Tell(LaneOperation.Flush, default, hasAddress: false);

    public override void Pause(TimeSpan time)
    {
        using var pause = new ManualResetEventSlim();
        pause.Wait(time);
    }

    public override void TakeTurn()
    {
        // The daemon moves its packets itself.
    }

    public override void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
            while (_inbox.TryDequeue(out Arrived arrived)) ArrayPool<byte>.Shared.Return(arrived.Data);

            // A reader polls the connection; it closes it when it comes back.
            if (!_isReading) _connection.Dispose();
            else _connection.Shutdown();
        }
    }

    private void Ask(LaneOperation operation, in MctpEndPoint address, ReadOnlySpan<byte> payload, bool hasAddress) =>
        Ask(operation, address, payload, hasAddress, 0, out _);

    // One request at a time; its reply is read by whoever reads.
    private SendStatus Ask(LaneOperation operation, in MctpEndPoint address, ReadOnlySpan<byte> payload, bool hasAddress, byte flags, out MctpTag tag)
    {
        lock (_asking)
        {
            uint serial = ++_serial;
            lock (_gate)
            {
                _awaited = serial;
                _replyLength = 0;
            }

            if (!TrySendFrame(operation, flags, serial, address, payload, hasAddress))
            {
                tag = default;
                return operation is LaneOperation.Send or LaneOperation.SendPacket && _isClosed ? SendStatus.Closed : throw Ended();
            }

            long deadline = MctpNode.Now + ReplyTimeoutMs;
            while (true)
            {
                long seen;
                lock (_gate)
                {
                    if (_replyLength != 0) break;
                    if (_isClosed) throw Ended();
                    seen = _news;
                }

                if (!Read(deadline, seen)) throw Silent();
            }

            return TakeReply(out tag);
        }
    }

    private int Query(int offset)
    {
        lock (_asking)
        {
            Ask(LaneOperation.Query, default, default, hasAddress: false);
            return (int)BinaryPrimitives.ReadUInt32LittleEndian(_reply.AsSpan(LaneFormat.ReplyOffset + offset));
        }
    }

    private SendStatus TakeReply(out MctpTag tag)
    {
        ReadOnlySpan<byte> body = _reply.AsSpan(LaneFormat.HeadSize, _replyLength - LaneFormat.HeadSize);
        if (!MctpTag.TryCreate(body[2], out tag)) throw Broken();
        return (LaneResult)body[0] switch
        {
            LaneResult.Done => SendStatus.Ok,
            LaneResult.NotSent when body[1] <= (byte)SendStatus.NotPermitted => (SendStatus)body[1],
            LaneResult.Failed when body[1] == (byte)MctpError.NoTag => SendStatus.NoTag,
            LaneResult.Failed when body[1] <= (byte)MctpError.NotSupported => throw new MctpException((MctpError)body[1], Encoding.UTF8.GetString(body[4..])),
            _ => throw Broken(),
        };
    }

    private void Tell(LaneOperation operation, in MctpEndPoint address, bool hasAddress = true)
    {
        if (!TrySendFrame(operation, 0, 0, address, default, hasAddress) && !_isClosed) throw Ended();
    }

    private bool TrySendFrame(LaneOperation operation, byte flags, uint serial, in MctpEndPoint address, ReadOnlySpan<byte> payload, bool hasAddress)
    {
        Span<byte> head = stackalloc byte[LaneFormat.HeadSize + LaneFormat.AddressSize];
        LaneFormat.WriteHead(head, operation, flags, serial);
        if (hasAddress) LaneFormat.WriteAddress(head[LaneFormat.HeadSize..], address);
        else head = head[..LaneFormat.HeadSize];
        long deadline = MctpNode.Now + ReplyTimeoutMs;
        while (true)
        {
            SendResult result = _connection.TrySend(head, payload);
            if (result != SendResult.WouldBlock) return result == SendResult.Sent;
            if (MctpNode.Now >= deadline) throw Silent();

            // The daemon always reads, unless it cannot get rid of a reply: so read meanwhile.
            Read(MctpNode.Now + RoomIntervalMs, Volatile.Read(ref _news));
            if (_isClosed) return false;
        }
    }

    // Reads one frame, or lets another thread do so; false when the deadline passed first. Does nothing when there is news since the caller looked.
    private bool Read(long deadline, long seen)
    {
        lock (_gate)
        {
            if (_isClosed || _news != seen) return true;
            if (_isGone) throw Ended();
            if (_isReading)
            {
                long left = deadline - MctpNode.Now;
                return left > 0 && Monitor.Wait(_gate, (int)Math.Min(left, int.MaxValue));
            }

            _isReading = true;
        }

        ReceiveResult result = ReceiveResult.WouldBlock;
        int count = 0;
        try
        {
            result = _connection.TryReceive(_frame, out count);
            long left = deadline - MctpNode.Now;
            if (result == ReceiveResult.WouldBlock && left > 0 && _connection.Wait(PollEvents.Readable, (int)Math.Min(left, int.MaxValue)))
                result = _connection.TryReceive(_frame, out count);
        }
        finally
        {
            lock (_gate)
            {
                _isReading = false;
                if (result != ReceiveResult.WouldBlock) _news++;
                if (_isClosed) _connection.Dispose();
                else if (result == ReceiveResult.Received) _isGone = !Dispatch(_frame.AsSpan(0, count));
                else if (result != ReceiveResult.WouldBlock) _isGone = true;
                Monitor.PulseAll(_gate);
            }
        }

        return result != ReceiveResult.WouldBlock;
    }

    // The caller holds the gate. False when the daemon breaks the framing.
    private bool Dispatch(ReadOnlySpan<byte> frame)
    {
        if (!LaneFormat.TryReadHead(frame, out LaneOperation operation, out _, out uint serial)) return false;
        switch (operation)
        {
            case LaneOperation.Reply:
                if (frame.Length < LaneFormat.ReplyOffset || frame.Length > _reply.Length) return false;
                if (serial != _awaited) return true;
                frame.CopyTo(_reply);
                _replyLength = frame.Length;
                return true;
            case LaneOperation.Message:
                return frame.Length >= LaneFormat.MessageOffset && TryStore(frame);
            case LaneOperation.LinkDown:
                _linkDown = true;
                return true;
            default:
                return false;
        }
    }

    private bool TryStore(ReadOnlySpan<byte> frame)
    {
        if (!LaneFormat.TryReadAddress(frame[LaneFormat.HeadSize..], out MctpEndPoint from)) return false;
        ReadOnlySpan<byte> body = frame[LaneFormat.MessageOffset..];
        if (_inbox.Count >= MostMessages || _inboxBytes + body.Length > MostBytes)
        {
            _strays++;
            return true;
        }

        byte[] data = ArrayPool<byte>.Shared.Rent(Math.Max(1, body.Length));
        body.CopyTo(data);
        _inbox.Enqueue(new Arrived(from, new Eid(frame[LaneFormat.HeadSize + LaneFormat.AddressSize]), data, body.Length));
        _inboxBytes += body.Length;
        return true;
    }

    private MctpException Ended() => _isClosed
        ? new MctpException(MctpError.Closed, "the socket is closed")
        : new MctpException(MctpError.Closed, $"the daemon at '{_path}' ended the connection");

    private MctpException Silent() => new(MctpError.TimedOut, $"the daemon at '{_path}' does not answer; see whether its process hangs");

    private MctpException Broken() => new(MctpError.PeerError, $"the daemon at '{_path}' answered with nonsense; use programs of one release");

    private readonly record struct Arrived(MctpEndPoint From, Eid Local, byte[] Data, int Length);
}
