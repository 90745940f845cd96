// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <content>
/// The agent: one background thread that serves the links while no caller does. It stays out of the way of callers that use sockets
/// back to back: it looks every two milliseconds whether they still do, and takes the lead only when they do not. When a caller sleeps as
/// leader for longer, the agent parks without a timer and is woken once when that caller leaves.
/// </content>
public sealed partial class MctpNode
{
    private const int AgentDozeMs = 2;
    private const int DozesBeforeParking = 5;

    // Bounds the time that disposing can take when the agent is spinning.
    private static readonly TimeSpan s_agentStopLimit = TimeSpan.FromSeconds(5);

    private readonly Waiter _agentWaiter = new();
    private Thread? _agent;
    private volatile bool _agentStopping;
    private volatile bool _agentMustYield;
    private bool _agentParked;

    private void StartAgent()
    {
        _agent = new Thread(RunAgent) { IsBackground = true, Name = "busbar agent" };
        _agent.Start();
    }

    private void StopAgent()
    {
        if (_agent is null) return;
        using (_gate.Hold())
        {
            // Under the lock, because the agent decides under it whether to sleep, and resets the signal for that.
            _agentStopping = true;
            _agentMustYield = true;
            _agentWaiter.Signal.Set();
        }

        _poller.Wake();
        _agent.Join(s_agentStopLimit);
        _agent = null;
    }

    private void RunAgent()
    {
        int lastActivity = -1;
        int quietDozes = 0;
        while (!_agentStopping)
        {
            bool leads = false;
            bool park = false;
            using (_gate.Hold())
            {
                bool busy = _activity != lastActivity || _agentMustYield;
                lastActivity = _activity;
                _agentMustYield = false;
                bool served = _leader is not null || _spinners != 0;
                if (!served && !busy)
                {
                    leads = true;
                    _leader = _agentWaiter;
                }
                else
                {
                    quietDozes = busy ? 0 : quietDozes + 1;
                    park = served && quietDozes >= DozesBeforeParking;
                    _agentParked = park;
                    if (!_agentStopping) _agentWaiter.Signal.Reset();
                }
            }

            if (leads)
            {
                LeadAsAgent();
                quietDozes = 0;
            }
            else
            {
                _agentWaiter.Signal.Wait(park ? Timeout.Infinite : AgentDozeMs);
            }
        }

        using (_gate.Hold())
        {
            if (ReferenceEquals(_leader, _agentWaiter)) _leader = null;
        }
    }

    // Serves until a caller asks for the lead. Lead() gives the lead back after each sleep; it is taken again here without a gap.
    private void LeadAsAgent()
    {
        long spinUntil = 0;
        bool spins = false;
        while (!_agentMustYield && !_agentStopping)
        {
            bool found;
            using (_gate.Hold())
            {
                if (_leader is not null && !ReferenceEquals(_leader, _agentWaiter)) return;
                _leader = _agentWaiter;
                long before = _stack.PacketsReceived;
                if (spins)
                {
                    WantNoDoorbells();
                    AwaitNews();
                }

                Turn(Now);
                found = _stack.PacketsReceived != before;
            }

            spins = _strategy == WaitStrategy.Spin;
            if (spins)
            {
                if (!found) Thread.SpinWait(1);
                continue;
            }

            long ticks = System.Diagnostics.Stopwatch.GetTimestamp();
            if (found) spinUntil = ticks + AdaptiveSpinTicks;
            if (_strategy == WaitStrategy.Adaptive && ticks < spinUntil)
            {
                spins = true;
                Relax(ticks - (spinUntil - AdaptiveSpinTicks));
                continue;
            }

            if (!found) Lead(long.MaxValue);
        }

        using (_gate.Hold())
        {
            if (ReferenceEquals(_leader, _agentWaiter)) _leader = null;
            if (_followers.Count != 0) _followers[0].Signal.Set();
        }
    }

    // The caller holds the lock.
    private void AskAgentToYield()
    {
        if (_agentMustYield) return;
        _agentMustYield = true;
        _poller.Wake();
    }

    // The caller holds the lock.
    private void UnparkAgent()
    {
        _agentParked = false;
        _agentWaiter.Signal.Set();
    }
}
