// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <content>The stack's turn: timers, links, services, staged sends, and one flush at the end.</content>
public sealed partial class MctpStack
{
    private long _lastTick = long.MinValue;
    private int _firstPort;

    // When a link that holds packets back for another one should look again; nothing announces room.
    private long _retryAt = long.MaxValue;

    // The physical source of the message in the waiting receiver's buffer.
    private PhysicalAddress _filledFrom;

    /// <summary>
    /// When <see cref="Poll"/> must be called at the latest even if nothing arrives: monotonic milliseconds, <see cref="long.MaxValue"/> for
    /// never. Staged messages ask for the next millisecond, because room on a link is not announced.
    /// </summary>
    public long NextDeadline
    {
        get
        {
            long next = Math.Min(_tags.NextDeadline, _reassembler.NextDeadline);
            next = Math.Min(next, _retryAt);
            if (_transmitter.StagedMessages != 0) next = Math.Min(next, _lastTick + 1);
            foreach (LinkPort port in _ports) next = Math.Min(next, port.Link.NextDeadline);
            foreach ((_, IMctpService service) in _services) next = Math.Min(next, service.NextDeadline);
            return next;
        }
    }

    /// <summary>One bounded turn over everything.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="budgetPerLink">Packets to take from each link at most, at least 1.</param>
    public void Poll(long now, int budgetPerLink)
    {
        if (now != _lastTick) Tick(now);
        _retryAt = long.MaxValue;
        for (int i = 0; i < _ports.Count; i++)
        {
            LinkPort port = _ports[i];
            var context = new PollContext(this, port.IsTapped, now, budgetPerLink, receiver: null, buffer: default);
            port.Link.Poll(ref context);
            EndTurn(port, ref context, now);
        }

        FinishTurn();
    }

    /// <summary>
    /// A turn with a receive posted: a message that comes whole in one packet goes from the link straight into the buffer, and the turn ends
    /// with the first message for the socket.
    /// </summary>
    /// <param name="socket">Who waits.</param>
    /// <param name="buffer">Gets the body without its type byte (raw: the packet with its header); a longer one is cut and says so.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    /// <param name="budgetPerLink">Packets to take from each link at most, at least 1.</param>
    /// <param name="result">Where the message came from, and its length.</param>
    /// <returns>False when none arrived.</returns>
    public bool PollInto(MctpSocketCore socket, Span<byte> buffer, long now, int budgetPerLink, out MctpReceiveResult result)
    {
        if (now != _lastTick) Tick(now);
        if (!socket.Queue.IsEmpty) return TryReceive(socket, buffer, out result);
        _retryAt = long.MaxValue;
        int count = _ports.Count;

        // Whoever came first last time comes last this time, so that a busy link does not hide the others.
        int start = _firstPort < count ? _firstPort : 0;
        for (int i = 0; i < count && i < _ports.Count; i++)
        {
            int at = start + i < _ports.Count ? start + i : start + i - _ports.Count;
            LinkPort port = _ports[at];
            var context = new PollContext(this, port.IsTapped, now, budgetPerLink, socket, buffer);
            port.Link.Poll(ref context);
            EndTurn(port, ref context, now);
            if (context.IsFilled)
            {
                _firstPort = at + 1;
                var header = new MctpHeader(context.FilledHeader);
                int length = context.FilledLength;
                result = new MctpReceiveResult(port, header, context.FilledType, _filledFrom, length, length > buffer.Length);
                FinishTurn();
                return true;
            }

            if (!socket.Queue.IsEmpty)
            {
                _firstPort = at + 1;
                break;
            }
        }

        FinishTurn();
        if (!socket.Queue.IsEmpty) return TryReceive(socket, buffer, out result);
        result = default;
        return false;
    }

    private void FinishTurn()
    {
        if (_transmitter.StagedMessages != 0) _transmitter.ServeStaged();
        _transmitter.Flush();
    }

    private void EndTurn(LinkPort port, ref PollContext context, long now)
    {
        int taken = context.Taken;
        if (taken == 0) return;
        port.Link.Statistics.PacketsReceived += taken;
        port.Link.Statistics.BytesReceived += context.Bytes;
        Statistics.PacketsReceived += taken;
        if (!_serviceQueue.IsEmpty) RunServices(now);
    }

    // Everything that depends on time runs once per millisecond at most.
    private void Tick(long now)
    {
        _lastTick = now;
        _tags.Expire(now);
        _reassembler.Expire(now);
        PollServices(now);
    }
}
