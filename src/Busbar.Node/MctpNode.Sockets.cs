// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Mctp;

namespace Busbar.Node;

/// <content>What sockets do under the node's lock.</content>
public sealed partial class MctpNode
{
    // Looks per taking of the lock while spinning: long enough to make the lock cheap, short enough to let senders in.
    private const int LooksPerTurn = 16;

    // Threads that found no room, in order of arrival; nobody may overtake the first.
    private readonly LinkedList<Waiter> _blockedSenders = new();

    /// <summary>One look for a message: the queue first, then the links, straight into the caller's buffer.</summary>
    internal ReceiveOutcome TryReceive(MctpSocketCore core, Span<byte> buffer, bool spinning, out MctpReceiveResult result)
    {
        lock (_gate)
        {
            long now = Now;
            for (int look = spinning ? LooksPerTurn : 1; look > 0; look--)
            {
                ReceiveOutcome outcome = Look(core, buffer, now, out result);
                if (outcome != ReceiveOutcome.Nothing)
                {
                    _activity++;
                    return outcome;
                }

                if (spinning) Thread.SpinWait(1);
            }
        }

        result = default;
        return ReceiveOutcome.Nothing;
    }

    /// <summary>Waits as the links' strategy says until a message arrives or the deadline passes.</summary>
    internal ReceiveOutcome WaitAndReceive(MctpSocketCore core, Span<byte> buffer, long deadline, out MctpReceiveResult result)
    {
        Waiter waiter = Waiter.ForThisThread();
        ReceiveOutcome outcome;
        while (true)
        {
            outcome = SpinForMessage(core, buffer, deadline, out result);
            if (outcome != ReceiveOutcome.Nothing || Now >= deadline) break;
            Rest(waiter, core, deadline);
            outcome = TryReceive(core, buffer, spinning: false, out result);
            if (outcome != ReceiveOutcome.Nothing) break;
        }

        lock (_gate) PassOn();
        return outcome;
    }

    internal SendStatus TrySend(MctpSocketCore core, in MctpEndPoint to, ReadOnlySpan<byte> payload, bool more, out MctpTag tag)
    {
        lock (_gate)
        {
            if (_disposed)
            {
                tag = default;
                return SendStatus.Closed;
            }

            if (_blockedSenders.Count != 0)
            {
                tag = default;
                return SendStatus.WouldBlock;
            }

            return _stack.Send(core, to, payload, Now, out tag, more);
        }
    }

    /// <summary>Waits for room; senders get it in the order in which they came.</summary>
    internal SendStatus WaitAndSend(MctpSocketCore core, in MctpEndPoint to, ReadOnlySpan<byte> payload, bool more, long deadline, out MctpTag tag)
    {
        Waiter waiter = Waiter.ForThisThread();
        lock (_gate) _blockedSenders.AddLast(waiter.Place);
        try
        {
            int looks = 0;
            while (true)
            {
                lock (_gate)
                {
                    long now = Now;
                    Turn(now);
                    SendStatus status = _disposed ? SendStatus.Closed
                        : ReferenceEquals(_blockedSenders.First, waiter.Place) ? _stack.Send(core, to, payload, now, out tag, more)
                        : SendStatus.WouldBlock;
                    if (status != SendStatus.WouldBlock || now >= deadline)
                    {
                        tag = status == SendStatus.Ok ? core.LastTag : default;
                        return status;
                    }
                }

                // Space that a peer frees is not announced by a doorbell, so sleep shortly at most.
                if (_strategy == WaitStrategy.Spin || ++looks < LooksPerTurn) Thread.SpinWait(8);
                else Rest(waiter, core: null, Math.Min(deadline, Now + 1));
            }
        }
        finally
        {
            lock (_gate)
            {
                _blockedSenders.Remove(waiter.Place);
                PassOn();
            }
        }
    }

    internal SendStatus SendRaw(MctpSocketCore core, int link, ReadOnlySpan<byte> packet, in PhysicalAddress to)
    {
        lock (_gate) return _disposed ? SendStatus.Closed : _stack.SendRaw(core, link, packet, to);
    }

    internal void FlushLinks()
    {
        lock (_gate) _stack.Flush();
    }

    internal void CloseSocket(MctpSocketCore core)
    {
        lock (_gate)
        {
            _stack.Close(core, Now);
            FailAsyncReceivers(core);
            foreach (Waiter follower in _followers)
            {
                if (ReferenceEquals(follower.Core, core)) follower.Signal.Set();
            }
        }

        Interrupt();
    }

    private ReceiveOutcome SpinForMessage(MctpSocketCore core, Span<byte> buffer, long deadline, out MctpReceiveResult result)
    {
        result = default;
        if (_strategy == WaitStrategy.Block) return ReceiveOutcome.Nothing;
        lock (_gate)
        {
            _spinners++;
            if (ReferenceEquals(_leader, _agentWaiter)) AskAgentToYield();
        }

        try
        {
            long until = _strategy == WaitStrategy.Spin ? long.MaxValue : Stopwatch.GetTimestamp() + AdaptiveSpinTicks;
            while (true)
            {
                ReceiveOutcome outcome = TryReceive(core, buffer, spinning: true, out result);
                if (outcome != ReceiveOutcome.Nothing || Now >= deadline) return outcome;
                if (until != long.MaxValue && Stopwatch.GetTimestamp() >= until) return ReceiveOutcome.Nothing;
            }
        }
        finally
        {
            lock (_gate) _spinners--;
        }
    }

    // The caller holds the lock.
    private ReceiveOutcome Look(MctpSocketCore core, Span<byte> buffer, long now, out MctpReceiveResult result)
    {
        if (_stack.TryReceive(core, buffer, out result)) return ReceiveOutcome.Received;
        if (_disposed || core.IsClosed) return ReceiveOutcome.Closed;
        if (core.TakeError() != SocketFault.None) return ReceiveOutcome.LinkDown;
        if (now >= _nextService) ServiceAttachments(now);
        bool received = _stack.PollInto(core, buffer, now, _options.PollBudget, out result);
        if (_followers.Count + _asyncReceivers.Count != 0) SignalReadyFollowers();
        if (received) return ReceiveOutcome.Received;

        // The turn may have queued a message in several packets, or taken the link down.
        if (!core.HasEvent) return ReceiveOutcome.Nothing;
        if (_stack.TryReceive(core, buffer, out result)) return ReceiveOutcome.Received;
        return core.TakeError() != SocketFault.None ? ReceiveOutcome.LinkDown : ReceiveOutcome.Nothing;
    }
}
