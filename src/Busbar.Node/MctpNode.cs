// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// A running node: one lock, one stack, its links, and one agent that serves them while nobody waits in a socket.
/// All members may be called from any thread, but not from inside an action that runs under the node's lock (<see cref="Use"/>, <see cref="Read{T}"/>,
/// conditions, event handlers): the lock is not recursive.
/// </summary>
/// <remarks>
/// Whoever waits does the work: a thread blocked in a receive polls the links itself, so a message reaches its reader without a hop
/// between threads. See <c>MctpNode.Waiting.cs</c> for who sleeps where and <c>MctpNode.Agent.cs</c> for the agent.
/// </remarks>
public sealed partial class MctpNode : IMctpSocketSource, IDisposable
{
    private readonly Gate _gate = new();
    private readonly MctpStack _stack;
    private readonly MctpNodeOptions _options;
    private readonly List<LinkAttachment> _attachments = [];
    private readonly Poller _poller = new();
    private bool _disposed;

    // The earliest time at which an attachment wants service, so that a turn need not ask each of them.
    private long _nextService;

    /// <summary>Creates a node without links.</summary>
    /// <param name="options">Null for the defaults.</param>
    public MctpNode(MctpNodeOptions? options = null)
    {
        _options = options ?? new MctpNodeOptions();
        _stack = new MctpStack(_options.Stack);
        _stack.LinkChanged += OnLinkChanged;
        if (_options.RunAgent) StartAgent();
    }

    /// <summary>Milliseconds of the clock that the node shows its stack.</summary>
    public static long Now => Environment.TickCount64;

    /// <summary>Puts a link to work. The node disposes the attachment when the link is removed or the node is disposed.</summary>
    /// <param name="attachment">The link with what it stands on.</param>
    /// <param name="network">MCTP network of the link.</param>
    /// <returns>The link's index.</returns>
    public int AddLink(LinkAttachment attachment, uint network = 1)
    {
        using (_gate.Hold())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            _stack.AddLink(attachment.Link, network);
            _attachments.Add(attachment);
            RecomputeStrategy();
            _nextService = 0;
            _watchIsStale = true;
        }

        Interrupt();
        return attachment.Link.Index;
    }

    /// <summary>Takes a link down in order and removes it.</summary>
    /// <param name="attachment">What <see cref="AddLink"/> was given.</param>
    public void RemoveLink(LinkAttachment attachment)
    {
        using (_gate.Hold())
        {
            if (_attachments.Remove(attachment)) Retire(attachment);
            RecomputeStrategy();
            _watchIsStale = true;
        }

        Interrupt();
    }

    /// <summary>Runs a short action on the stack under the node's lock: addresses, routes, services, counters.</summary>
    /// <param name="action">Gets the stack and the time; must not block.</param>
    public void Use(Action<MctpStack, long> action)
    {
        using (_gate.Hold()) action(_stack, Now);
        Interrupt();
    }

    /// <summary>Reads something from the stack under the node's lock.</summary>
    /// <param name="function">Gets the stack and the time; must not block.</param>
    public T Read<T>(Func<MctpStack, long, T> function)
    {
        using (_gate.Hold()) return function(_stack, Now);
    }

    /// <summary>Opens a socket on this node.</summary>
    /// <param name="kind">Whole messages or packets.</param>
    public MctpSocket OpenSocket(MctpSocketKind kind = MctpSocketKind.Datagram)
    {
        using (_gate.Hold())
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return new MctpSocket(new NodeSocketBackend(this, _stack.OpenSocket(kind)), kind);
        }
    }

    /// <summary>Waits until a link is up.</summary>
    /// <param name="attachment">The link.</param>
    /// <param name="timeout">How long at most.</param>
    /// <returns>False when the time passed first.</returns>
    public bool WaitUntilUp(LinkAttachment attachment, TimeSpan timeout) => WaitFor(() => attachment.Link.IsUp, timeout);

    /// <summary>Serves the node until a condition holds.</summary>
    /// <param name="condition">Evaluated under the node's lock after each turn; must not block.</param>
    /// <param name="timeout">How long at most; <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <returns>False when the time passed first.</returns>
    public bool WaitFor(Func<bool> condition, TimeSpan timeout) =>
        // Conditions are about state, which no doorbell is promised for: look at least every few milliseconds.
        WaitFor(core: null, condition, timeout, () => Now + ConditionIntervalMs);

    /// <summary>Serves the node until a condition holds that only messages for one socket, or time, can change.</summary>
    /// <param name="core">The socket; null when other things count, too.</param>
    /// <param name="condition">Evaluated under the node's lock after each turn; must not block.</param>
    /// <param name="timeout">How long at most.</param>
    /// <param name="lookAgainAt">When to look again even if nothing arrived.</param>
    /// <returns>False when the time passed first.</returns>
    internal bool WaitFor(MctpSocketCore? core, Func<bool> condition, TimeSpan timeout, Func<long> lookAgainAt)
    {
        long deadline = DeadlineAfter(timeout);
        Waiter waiter = Waiter.ForThisThread();
        while (true)
        {
            using (_gate.Hold())
            {
                bool leaves = true;
                try
                {
                    ObjectDisposedException.ThrowIf(_disposed, this);
                    long now = Now;
                    Turn(now);
                    bool holds = condition();
                    leaves = holds || now >= deadline;
                    if (leaves) return holds;
                }
                finally
                {
                    // Also when the condition throws: somebody else must serve the node from now on.
                    if (leaves) PassOn();
                }
            }

            Rest(waiter, core, Math.Min(deadline, lookAgainAt()));
        }
    }

    /// <summary>Stops the agent, takes the links down in order, and fails everybody who waits.</summary>
    public void Dispose()
    {
        using (_gate.Hold())
        {
            if (_disposed) return;
            _disposed = true;
        }

        StopAgent();
        using (_gate.Hold())
        {
            foreach (LinkAttachment attachment in _attachments) Retire(attachment);
            _attachments.Clear();
            ReleaseAllWaiters();
        }

        // A leader may still sleep in the poller; it must have left before the descriptors go.
        SpinWait.SpinUntil(() => Volatile.Read(ref _leader) is null, TimeSpan.FromSeconds(2));
        _poller.Dispose();
    }

    /// <summary>One bounded turn over the links, timers and staged sends.</summary>
    internal void TakeTurn()
    {
        using (_gate.Hold()) Turn(Now);
    }

    internal static long DeadlineAfter(TimeSpan timeout)
    {
        if (timeout == Timeout.InfiniteTimeSpan) return long.MaxValue;
        double milliseconds = Math.Ceiling(Math.Max(0, timeout.TotalMilliseconds));
        return milliseconds >= int.MaxValue ? long.MaxValue : Now + (long)milliseconds;
    }

    // A link that finds its medium gone tells nobody else; its attachment may want to do something about it.
    private void OnLinkChanged(MctpLink link, bool up, long now)
    {
        foreach (LinkAttachment attachment in _attachments)
        {
            if (ReferenceEquals(attachment.Link, link)) attachment.OnLinkChanged(up, now);
        }

        _nextService = 0;
    }

    private void Retire(LinkAttachment attachment)
    {
        long now = Now;
        _stack.RemoveLink(attachment.Link, now);
        attachment.Stop(now);
        attachment.Dispose();
    }

    // One bounded turn over everything; the caller holds the lock.
    private void Turn(long now)
    {
        if (now >= _nextService) ServiceAttachments(now);
        _stack.Poll(now, _options.PollBudget);
        WakeOthers();
    }

    private void ServiceAttachments(long now)
    {
        long next = long.MaxValue;
        foreach (LinkAttachment attachment in _attachments)
        {
            if (now >= attachment.NextDeadline) attachment.Service(now);
            next = Math.Min(next, attachment.NextDeadline);

            // A leader who sleeps on the descriptors of a former life would not hear the new ones.
            if (_leader is not null && attachment.DescriptorVersion != attachment.WatchedVersion) _poller.Wake();
        }

        _nextService = next;
    }
}
