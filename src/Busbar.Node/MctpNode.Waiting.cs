// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <content>
/// Who sleeps where. At most one thread, the leader, sleeps on the links' descriptors; others (followers) sleep on their own signal.
/// Whoever polls and finds a follower's message wakes that follower; whoever leaves while followers remain wakes one to lead.
/// A receiver asks the agent for the lead, because a message that the agent takes first costs a second wake-up.
/// </content>
public sealed partial class MctpNode
{
    private const int ConditionIntervalMs = 2;
    private const int UsualFollowers = 16;

    private static readonly long s_politeTicks = System.Diagnostics.Stopwatch.Frequency / 100_000;

    private readonly List<Waiter> _followers = new(UsualFollowers);

    // What the poller watches, by its index. Touched by the leader only, and only under the lock; rebuilt when an attachment's set changes.
    private readonly Dictionary<int, (LinkAttachment Attachment, FileDescriptor Descriptor)> _watched = [];
    private readonly List<FileDescriptor> _descriptors = [];
    private readonly PollReady[] _ready = new PollReady[16];
    private bool _watchIsStale;

    private Waiter? _leader;

    // What the sleeping leader waits for, and until when: others who poll meanwhile may have to wake it.
    private MctpSocketCore? _leaderCore;
    private long _leaderDeadline = long.MinValue;

    // The links as the spin loop walks them, and the strategy of a thread that waits for all of them: the most eager one.
    private MctpLink[] _links = [];
    private WaitStrategy _strategy = WaitStrategy.Block;

    // Threads that poll without sleeping; while there are any, nobody needs to sleep on the descriptors.
    private int _spinners;

    // Moves whenever a caller uses a socket, so that the agent can tell a busy node from an idle one.
    private int _activity;

    /// <summary>Callers' threads that sleep now, on the descriptors or behind who does.</summary>
    internal int Sleepers
    {
        get
        {
            using (_gate.Hold()) return _followers.Count + (_leaderDeadline != long.MinValue && !ReferenceEquals(_leader, _agentWaiter) ? 1 : 0);
        }
    }

    /// <summary>Callers' threads that wait for room on a link.</summary>
    internal int BlockedSenders
    {
        get
        {
            using (_gate.Hold()) return _blockedSenders.Count;
        }
    }

    /// <summary>How long an adaptive waiter looks before it sleeps, in ticks of the high-resolution clock.</summary>
    internal long AdaptiveSpinTicks => _options.AdaptiveSpinMicroseconds * System.Diagnostics.Stopwatch.Frequency / 1_000_000;

    /// <summary>Sleeps until something may have happened for the caller, at most until the deadline. Call it without the lock.</summary>
    internal void Rest(Waiter waiter, MctpSocketCore? core, long deadline)
    {
        bool leads;
        using (_gate.Hold())
        {
            if (_disposed || (core is not null && (core.HasEvent || core.IsClosed))) return;
            leads = _leader is null;
            if (leads)
            {
                _leader = waiter;
                _leaderCore = core;
            }
            else
            {
                waiter.Core = core;
                waiter.Signal.Reset();
                _followers.Add(waiter);
                if (ReferenceEquals(_leader, _agentWaiter)) AskAgentToYield();
            }
        }

        if (leads)
        {
            Lead(deadline);
            return;
        }

        waiter.Signal.Wait(ToTimeout(deadline, Now));
        using (_gate.Hold()) _followers.Remove(waiter);
    }

    // Between two looks of an adaptive waiter. The peer may be waiting for this very processor, and would get it only when the spinning ends: so after a
    // few microseconds it is offered to whoever wants it.
    private static void Relax(long spunTicks)
    {
        if (spunTicks > s_politeTicks) Thread.Yield();
        else Thread.SpinWait(1);
    }

    private static int ToTimeout(long deadline, long now) =>
        deadline == long.MaxValue ? Timeout.Infinite : (int)Math.Clamp(deadline - now, 0, int.MaxValue);

    // Sleeps on the descriptors. The caller has made itself the leader.
    private void Lead(long deadline)
    {
        bool sleep = true;
        long now;
        using (_gate.Hold())
        {
            now = Now;
            foreach (LinkAttachment attachment in _attachments)
            {
                // Every link is prepared even when one has work, because every one is cancelled afterwards.
                sleep &= attachment.Link.PrepareSleep();
                _nextService = Math.Min(_nextService, attachment.NextDeadline);
                _watchIsStale |= attachment.DescriptorVersion != attachment.WatchedVersion;
            }

            if (_watchIsStale) RebuildWatch();
            deadline = Math.Min(Math.Min(deadline, _nextService), _stack.NextDeadline);
            if (_disposed) sleep = false;
            _leaderDeadline = deadline;
        }

        // The poller and the array belong to the leader; everybody else only wakes it.
        int ready = sleep ? _poller.Wait(ToTimeout(deadline, now), _ready) : 0;
        using (_gate.Hold())
        {
            now = Now;
            foreach (LinkAttachment attachment in _attachments) attachment.Link.CancelSleep();
            for (int i = 0; i < ready; i++)
            {
                (LinkAttachment attachment, FileDescriptor descriptor) = _watched[_ready[i].Index];

                // A link can be taken away while its leader sleeps; its doorbell is then nobody's.
                if (_attachments.Contains(attachment)) attachment.OnReady(descriptor, now);
            }

            if (now >= _nextService || ready != 0) ServiceAttachments(now);
            _leader = null;
            _leaderCore = null;
            _leaderDeadline = long.MinValue;
        }
    }

    // The caller leads and holds the lock.
    private void RebuildWatch()
    {
        foreach (int index in _watched.Keys) _poller.Remove(index);
        _watched.Clear();
        foreach (LinkAttachment attachment in _attachments)
        {
            _descriptors.Clear();
            attachment.CollectDescriptors(_descriptors);
            attachment.WatchedVersion = attachment.DescriptorVersion;
            foreach (FileDescriptor descriptor in _descriptors)
                _watched[_poller.Add(descriptor, attachment.InterestIn(descriptor))] = (attachment, descriptor);
        }

        _watchIsStale = false;
    }

    // The caller holds the lock and stops waiting: somebody else must take over what it did for all.
    private void PassOn()
    {
        _activity++;
        HastenLeader();
        if (_leader is not null || _spinners != 0) return;
        if (_followers.Count != 0) _followers[0].Signal.Set();
        if (_agentParked) UnparkAgent();
    }

    // The caller holds the lock and has changed what the stack wants to do next: a leader who lay down before that would sleep too long.
    private void HastenLeader()
    {
        if (_leaderDeadline != long.MinValue && _stack.NextDeadline < _leaderDeadline) _poller.Wake();
    }

    // The caller holds the lock and has polled: whoever else waits may have got what it waits for.
    private void WakeOthers()
    {
        if (_leaderCore is { } core && (core.HasEvent || core.IsClosed)) _poller.Wake();
        if (_followers.Count + _asyncReceivers.Count != 0) SignalReadyFollowers();
    }

    private void SignalReadyFollowers()
    {
        foreach (Waiter follower in _followers)
        {
            if (follower.Core is null || follower.Core.HasEvent) follower.Signal.Set();
        }

        CompleteAsyncReceivers();
    }

    private void ReleaseAllWaiters()
    {
        foreach (Waiter follower in _followers) follower.Signal.Set();
        FailAsyncReceivers(core: null);
        _poller.Wake();
    }

    private void RecomputeStrategy()
    {
        _links = [.. _attachments.Select(attachment => attachment.Link)];
        _strategy = WaitStrategy.Block;
        foreach (LinkAttachment attachment in _attachments)
        {
            if (attachment.Wait == WaitStrategy.Spin) _strategy = WaitStrategy.Spin;
            else if (attachment.Wait is WaitStrategy.Adaptive or WaitStrategy.Poll && _strategy == WaitStrategy.Block) _strategy = WaitStrategy.Adaptive;
        }
    }

    // Makes whoever sleeps look at the node again after its links, timers or services changed.
    private void Interrupt() => _poller.Wake();
}
