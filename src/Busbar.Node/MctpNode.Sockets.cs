// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Mctp;

namespace Busbar.Node;

/// <content>What sockets do under the node's lock.</content>
public sealed partial class MctpNode
{
    // Looks for news per taking of the lock while spinning, a few nanoseconds each: the lock is held for some microseconds at most.
    private const int LooksPerTurn = 512;

    // Looks of a sender without room before it sleeps for a while.
    private const int LooksForRoom = 16;

    // How long a spinning receiver makes way for others that want the lock: a few microseconds.
    private const int MostCourtesyTurns = 64;

    // Threads that found no room, in order of arrival; nobody may overtake another one that waits for the same link.
    private readonly LinkedList<Waiter> _blockedSenders = new();

    /// <summary>Receives one message; waits as the links' strategy says.</summary>
    /// <param name="core">The socket.</param>
    /// <param name="buffer">Gets the body.</param>
    /// <param name="timeout">How long at most; zero looks once.</param>
    /// <param name="result">Where the message came from.</param>
    internal ReceiveOutcome Receive(MctpSocketCore core, Span<byte> buffer, TimeSpan timeout, out MctpReceiveResult result)
    {
        // A message that is there already costs one look, whatever the strategy.
        using (_gate.Hold())
        {
            ReceiveOutcome outcome = Look(core, buffer, Now, out result);
            if (outcome != ReceiveOutcome.Nothing) _activity++;
            if (outcome != ReceiveOutcome.Nothing || timeout == TimeSpan.Zero) return outcome;
        }

        return WaitAndReceive(core, buffer, DeadlineAfter(timeout), out result);
    }

    internal SendStatus TrySend(MctpSocketCore core, in MctpEndPoint to, ReadOnlySpan<byte> payload, bool more, out MctpTag tag)
    {
        using (_gate.Hold())
        {
            if (_disposed)
            {
                tag = default;
                return SendStatus.Closed;
            }

            if (_blockedSenders.Count != 0 && HasBlockedSender(LinkToward(to), before: null))
            {
                tag = default;
                return SendStatus.WouldBlock;
            }

            SendStatus status = _stack.Send(core, to, payload, Now, out tag, more);

            // What did not fit at once goes out in turns, and somebody must take them.
            if (_stack.StagedMessages != 0) HastenLeader();
            return status;
        }
    }

    /// <summary>Waits for room; senders get it in the order in which they came.</summary>
    internal SendStatus WaitAndSend(MctpSocketCore core, in MctpEndPoint to, ReadOnlySpan<byte> payload, bool more, long deadline, out MctpTag tag)
    {
        Waiter waiter = Waiter.ForThisThread();
        using (_gate.Hold())
        {
            waiter.Link = LinkToward(to);
            _blockedSenders.AddLast(waiter.Place);
        }

        try
        {
            int looks = 0;
            while (true)
            {
                using (_gate.Hold())
                {
                    long now = Now;
                    Turn(now);
                    SendStatus status = _disposed ? SendStatus.Closed
                        : HasBlockedSender(waiter.Link, waiter.Place) ? SendStatus.WouldBlock
                        : _stack.Send(core, to, payload, now, out tag, more);
                    if (status != SendStatus.WouldBlock || now >= deadline)
                    {
                        tag = status == SendStatus.Ok ? core.LastTag : default;
                        return status;
                    }
                }

                // Space that a peer frees is not announced by a doorbell, so sleep shortly at most.
                if (_strategy == WaitStrategy.Spin || ++looks < LooksForRoom) Thread.SpinWait(8);
                else Rest(waiter, core: null, Math.Min(deadline, Now + 1));
            }
        }
        finally
        {
            using (_gate.Hold())
            {
                _blockedSenders.Remove(waiter.Place);
                PassOn();
            }
        }
    }

    internal SendStatus SendRaw(MctpSocketCore core, int link, ReadOnlySpan<byte> packet, in PhysicalAddress to)
    {
        using (_gate.Hold()) return _disposed ? SendStatus.Closed : _stack.SendRaw(core, link, packet, to);
    }

    internal void FlushLinks()
    {
        using (_gate.Hold()) _stack.Flush();
    }

    internal void CloseSocket(MctpSocketCore core)
    {
        using (_gate.Hold())
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

    // The caller holds the lock. 0 when no link leads there; the stack says so itself.
    private int LinkToward(in MctpEndPoint to) =>
        to.IsExtended ? to.Link : _stack.TryResolve(to.Eid, to.Network, out ResolvedRoute route) ? route.Link.Index : 0;

    // The caller holds the lock. Whether somebody waits for room on a link, before a place in the queue or at all.
    private bool HasBlockedSender(int link, LinkedListNode<Waiter>? before)
    {
        for (LinkedListNode<Waiter>? place = _blockedSenders.First; place is not null && !ReferenceEquals(place, before); place = place.Next)
        {
            if (place.Value.Link == link) return true;
        }

        return false;
    }

    private ReceiveOutcome WaitAndReceive(MctpSocketCore core, Span<byte> buffer, long deadline, out MctpReceiveResult result)
    {
        Waiter waiter = Waiter.ForThisThread();
        while (true)
        {
            if (_strategy != WaitStrategy.Block)
            {
                ReceiveOutcome found = SpinForMessage(core, buffer, deadline, out result);
                if (found != ReceiveOutcome.Nothing) return found;
            }

            Rest(waiter, core, deadline);
            using (_gate.Hold())
            {
                long now = Now;
                ReceiveOutcome outcome = Look(core, buffer, now, out result);
                if (outcome != ReceiveOutcome.Nothing || now >= deadline)
                {
                    PassOn();
                    return outcome;
                }
            }
        }
    }

    // Leaves with the lock taken once on the way of a message: what a successful look has to tidy up happens under the lock of that look.
    private ReceiveOutcome SpinForMessage(MctpSocketCore core, Span<byte> buffer, long deadline, out MctpReceiveResult result)
    {
        using (_gate.Hold())
        {
            _spinners++;
            if (ReferenceEquals(_leader, _agentWaiter)) AskAgentToYield();
            else if (_leader is null) WantNoDoorbells();
        }

        try
        {
            return Spin(core, buffer, deadline, out result);
        }
        catch
        {
            // A defect below; the node goes on for its other callers.
            using (_gate.Hold()) StopSpinning();
            throw;
        }
    }

    private ReceiveOutcome Spin(MctpSocketCore core, Span<byte> buffer, long deadline, out MctpReceiveResult result)
    {
        long until = long.MaxValue;
        while (true)
        {
            using (_gate.Hold())
            {
                // Waiting apart from looking keeps the look's branches predictable: it hardly ever runs in vain.
                long now = Now;
                if (!core.HasEvent) AwaitNews();
                ReceiveOutcome outcome = Look(core, buffer, now, out result);
                if (outcome != ReceiveOutcome.Nothing || now >= deadline || (until != long.MaxValue && Stopwatch.GetTimestamp() >= until))
                {
                    StopSpinning();
                    return outcome;
                }
            }

            // The lock is not fair by itself, and its owner would take it again before anybody else can.
            for (int turn = 0; turn < MostCourtesyTurns && _gate.IsWanted; turn++) Thread.SpinWait(1);

            // The clock is read off the way of a message that is there at once.
            if (_strategy == WaitStrategy.Spin) continue;
            if (until == long.MaxValue) until = Stopwatch.GetTimestamp() + AdaptiveSpinTicks;
            else Relax(Stopwatch.GetTimestamp() - (until - AdaptiveSpinTicks));
        }
    }

    // The caller holds the lock, nobody sleeps on the links, and the caller is going to look by itself. A link that was just attached asks for doorbells until somebody says so.
    private void WantNoDoorbells()
    {
        foreach (MctpLink link in _links) link.CancelSleep();
    }

    // The caller holds the lock, and gives it up when somebody else wants it.
    private void AwaitNews()
    {
        for (int look = LooksPerTurn; look > 0 && !_gate.IsWanted; look--)
        {
            foreach (MctpLink link in _links)
            {
                if (link.HasNews) return;
            }
        }
    }

    // The caller holds the lock.
    private void StopSpinning()
    {
        _spinners--;
        PassOn();
    }

    // The caller holds the lock. Most looks find nothing, so what tells that comes first and costs little.
    private ReceiveOutcome Look(MctpSocketCore core, Span<byte> buffer, long now, out MctpReceiveResult result)
    {
        if (core.HasEvent || core.IsClosed || _disposed) return LookAtEvents(core, buffer, out result);
        if (now >= _nextService) ServiceAttachments(now);
        bool received = _stack.PollInto(core, buffer, now, _options.PollBudget, out result);
        WakeOthers();
        if (received) return ReceiveOutcome.Received;

        // The turn may have taken the link down.
        return core.HasEvent ? LookAtEvents(core, buffer, out result) : ReceiveOutcome.Nothing;
    }

    // The caller holds the lock.
    private ReceiveOutcome LookAtEvents(MctpSocketCore core, Span<byte> buffer, out MctpReceiveResult result)
    {
        if (_stack.TryReceive(core, buffer, out result)) return ReceiveOutcome.Received;
        if (_disposed || core.IsClosed) return ReceiveOutcome.Closed;
        return core.TakeError() != SocketFault.None ? ReceiveOutcome.LinkDown : ReceiveOutcome.Nothing;
    }
}
