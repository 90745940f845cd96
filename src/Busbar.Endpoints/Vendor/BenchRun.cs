// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Endpoints;

/// <summary>One run that a peer asked for: the data messages that are still to be sent to it.</summary>
internal sealed class BenchRun : IDisposable
{
    // Services run once a millisecond, so this also bounds the rate; the link's room bounds it for long messages.
    private const int MessagesPerTurn = 256;
    private const int RetryMs = 1;

    // A peer that takes nothing for so long has gone; the tag and the place of the run are needed by others.
    private const int StallLimitMs = 5_000;

    private readonly MctpStack _stack;
    private readonly MctpSocketCore _socket;
    private readonly MctpEndPoint _peer;
    private readonly MctpTag _tag;
    private readonly byte[] _message;
    private ulong _left;
    private uint _sequence = BenchFormat.FirstSequence;
    private long _lastProgress;
    private long _now;

    private BenchRun(MctpStack stack, MctpSocketCore socket, in MctpEndPoint peer, MctpTag tag, int size, ulong count, long now)
    {
        (_stack, _socket, _tag, _left) = (stack, socket, tag, count);
        _peer = peer with { Tag = tag };
        _message = new byte[size];
        BenchFormat.EmitData(_message);
        NextDeadline = now;
        _lastProgress = now;
        _now = now;
    }

    /// <summary>When the next messages are due.</summary>
    public long NextDeadline { get; private set; }

    /// <summary>Data messages sent so far.</summary>
    public long Sent { get; private set; }

    public static BenchRun? TryStart(MctpStack stack, in MctpEndPoint peer, int size, ulong count, long now)
    {
        MctpSocketCore socket = stack.OpenSocket(MctpSocketKind.Datagram);
        MctpTag? tag = stack.AllocateTag(socket, peer, now);
        if (tag is not null) return new BenchRun(stack, socket, peer, tag.Value, size, count, now);
        stack.Close(socket, now);
        return null;
    }

    /// <summary>Sends the next few messages.</summary>
    /// <returns>False when the run is over.</returns>
    public bool Advance(long now)
    {
        _now = now;
        for (int i = 0; i < MessagesPerTurn && _left != 0; i++)
        {
            BenchFormat.EmitSequence(_message, _sequence);
            SendStatus status = _stack.Send(_socket, _peer, _message, now, out _, more: true);
            if (status == SendStatus.WouldBlock)
            {
                NextDeadline = now + RetryMs;
                _stack.Flush();
                return now - _lastProgress < StallLimitMs;
            }

            if (status != SendStatus.Ok) return false;
            _sequence++;
            _left--;
            Sent++;
            _lastProgress = now;
        }

        _stack.Flush();
        NextDeadline = now;
        return _left != 0;
    }

    public void Dispose()
    {
        _stack.ReleaseTag(_socket, _peer, _tag, _now);
        _stack.Close(_socket, _now);
    }
}
