// SPDX-License-Identifier: Apache-2.0
using System.Text;
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>
/// One client of the daemon's socket: its hello, and then its lane. What the lane cannot send at once waits here; while something waits nothing more is read from the client, so that a
/// client that does not read has one packet waiting, and nobody else notices.
/// </summary>
internal sealed class ClientConnection : IDisposable
{
    // Packets taken from one client before others get their turn.
    private const int PacketsPerTurn = 16;

    private readonly UnixPackets _packets;
    private readonly ClientListener _listener;
    private readonly LoopWatch _watch;
    private ILane? _lane;
    private byte[]? _waiting;
    private bool _wantsRoom;
    private bool _pausesReading;
    private bool _ended;

    public ClientConnection(UnixPackets packets, ClientListener listener, EventLoop loop)
    {
        _packets = packets;
        _listener = listener;
        _watch = loop.Watch(packets.Descriptor, PollEvents.Readable, Ready);
    }

    /// <summary>True after the connection ended.</summary>
    public bool HasEnded => _ended;

    /// <summary>Sends a packet that may wait: an answer to what the client asked for. At most one waits; the client is not read from meanwhile.</summary>
    public void Answer(ReadOnlySpan<byte> packet)
    {
        if (_ended || TrySend(packet, default)) return;
        if (_ended) return;
        _waiting = packet.ToArray();
        UpdateInterest();
    }

    /// <summary>Sends a packet if there is room now; else <see cref="ILane.Continue"/> is called when there is.</summary>
    /// <returns>False when there is no room, or the connection has ended.</returns>
    public bool TrySend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default)
    {
        if (_ended || _waiting is not null) return NoRoom();
        switch (_packets.TrySend(first, second))
        {
            case SendResult.Sent:
                return true;
            case SendResult.WouldBlock:
                return NoRoom();
            default:
                Dispose();
                return false;
        }
    }

    /// <summary>Reads no more from the client, or goes on reading.</summary>
    public void PauseReading(bool pauses)
    {
        if (_pausesReading == pauses) return;
        _pausesReading = pauses;
        if (!_ended) UpdateInterest();
    }

    /// <summary>Ends the connection and its lane.</summary>
    public void Dispose()
    {
        if (_ended) return;
        _ended = true;
        _watch.Dispose();
        _packets.Dispose();
        _lane?.Dispose();
        _listener.Ended(this);
    }

    private bool NoRoom()
    {
        _wantsRoom = true;
        if (!_ended) UpdateInterest();
        return false;
    }

    private void UpdateInterest() => _watch.SetInterest(
        (_waiting is null && !_pausesReading ? PollEvents.Readable : PollEvents.None) | (_waiting is not null || _wantsRoom ? PollEvents.Writable : PollEvents.None));

    private void Ready(PollEvents events)
    {
        if ((events & PollEvents.Writable) != PollEvents.None) GoOn();
        if (_ended) return;
        if ((events & PollEvents.Readable) != PollEvents.None) Read();
        else if ((events & (PollEvents.HangUp | PollEvents.Error)) != PollEvents.None) Dispose();
    }

    private void GoOn()
    {
        if (_waiting is { } waiting)
        {
            _waiting = null;
            Answer(waiting);
            if (_ended || _waiting is not null) return;
        }

        _wantsRoom = false;
        UpdateInterest();
        _lane?.Continue();
    }

    private void Read()
    {
        byte[] buffer = _listener.Buffer;
        for (int i = 0; i < PacketsPerTurn && !_ended && _waiting is null && !_pausesReading; i++)
        {
            ReceiveResult result = _packets.TryReceive(buffer, out int count);
            if (result == ReceiveResult.WouldBlock) return;
            if (result == ReceiveResult.Received && TryTake(buffer.AsSpan(0, count))) continue;
            if (result != ReceiveResult.Closed) _listener.Counters.Malformed++;
            Dispose();
        }
    }

    private bool TryTake(ReadOnlySpan<byte> packet)
    {
        if (_lane is not null) return _lane.TryTake(packet);
        if (!LaneFormat.TryReadHello(packet, out byte version, out byte wanted) || packet.Length != LaneFormat.HelloSize) return false;
        string reason;
        LaneAnswer answer;
        if (version != LaneFormat.Version)
        {
            (answer, reason) = (LaneAnswer.WrongVersion, $"version {LaneFormat.Version} is spoken here");
        }
        else
        {
            _lane = _listener.TryOpenLane(this, (LaneKind)wanted, out reason);
            answer = _lane is null ? LaneAnswer.NotOffered : LaneAnswer.Welcome;
        }

        if (answer != LaneAnswer.Welcome) _listener.Counters.Refused++;
        SendHello(answer, reason);
        if (answer != LaneAnswer.Welcome) Dispose();
        return true;
    }

    private void SendHello(LaneAnswer answer, string reason)
    {
        byte[] text = Encoding.UTF8.GetBytes(reason);
        Span<byte> hello = stackalloc byte[LaneFormat.HelloSize];
        LaneFormat.WriteHello(hello, (byte)answer);
        TrySend(hello, text);
    }
}
