// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>
/// Networks in one thread with a clock that moves only when nothing else is left to do: media, nodes with stacks and controllers, and everything random from one seed.
/// </summary>
internal sealed class World : IDisposable
{
    private const int PollBudget = 64;

    // Steps at one moment of the clock; more is a loop without end.
    private const int MostStepsPerMoment = 100_000;

    private readonly PriorityQueue<Action, (long Due, long Order)> _events = new();
    private readonly List<WorldNode> _nodes = [];
    private readonly SynchronizationContext? _before;
    private long _order;
    private int _number;

    public World(int seed = 1)
    {
        Seed = seed;
        Random = new Random(seed);
        _before = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(Context);
    }

    public int Seed { get; }

    public Random Random { get; }

    public SimulatedTime Time { get; } = new();

    public SimulatedContext Context { get; } = new();

    public PacketLog Log { get; } = new();

    public IReadOnlyList<WorldNode> Nodes => _nodes;

    /// <summary>Runs whenever the world has come to rest at one moment of its clock.</summary>
    public Action? Check { get; set; }

    public SimulatedMedium AddMedium(string name, PhysicalBinding binding = PhysicalBinding.Smbus, int mtu = 68) => new(this, name, binding, mtu);

    public WorldNode AddNode(string name, bool forwards = false)
    {
        var node = new WorldNode(this, name, forwards);
        _nodes.Add(node);
        return node;
    }

    public int NextNumber() => ++_number;

    public void Remove(WorldNode node) => _nodes.Remove(node);

    public void Schedule(long time, Action action) => _events.Enqueue(action, (time, _order++));

    /// <summary>Runs everything that can happen without the clock moving.</summary>
    public void Settle()
    {
        for (int step = 0; step < MostStepsPerMoment; step++)
        {
            if (Step()) continue;
            Check?.Invoke();
            return;
        }

        throw new InvalidOperationException($"the world does not come to rest at {Time.Now} ms; seed {Seed}\n{Log}");
    }

    /// <summary>Lets time pass.</summary>
    public void Run(long milliseconds)
    {
        long end = Time.Now + milliseconds;
        while (true)
        {
            Settle();
            long next = NextTime();
            if (next > end) break;
            Time.MoveTo(Math.Max(next, Time.Now + 1));
        }

        Time.MoveTo(end);
        Settle();
    }

    /// <summary>Lets time pass until something holds.</summary>
    /// <returns>False when it does not within the limit.</returns>
    public bool RunUntil(Func<bool> condition, long limit = 60_000)
    {
        long end = Time.Now + limit;
        while (true)
        {
            Settle();
            if (condition()) return true;
            long next = NextTime();
            if (next > end) return false;
            Time.MoveTo(Math.Max(next, Time.Now + 1));
        }
    }

    /// <summary>Lets time pass until work is done, and gives its result or throws its exception.</summary>
    public T Finish<T>(Task<T> work, long limit = 60_000)
    {
        if (!RunUntil(() => work.IsCompleted, limit)) throw new TimeoutException($"not done after {limit} ms of simulated time; seed {Seed}\n{Log}");
        return work.GetAwaiter().GetResult();
    }

    /// <summary>Lets time pass until work is done.</summary>
    public void Finish(Task work, long limit = 60_000)
    {
        if (!RunUntil(() => work.IsCompleted, limit)) throw new TimeoutException($"not done after {limit} ms of simulated time; seed {Seed}\n{Log}");
        work.GetAwaiter().GetResult();
    }

    /// <summary>Begins something that may be refused, which is as good.</summary>
    public static async Task AttemptAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (ControlPlaneException)
        {
            // A person at a terminal reads this and goes on.
        }
    }

    public void Dispose()
    {
        foreach (WorldNode node in _nodes.ToArray()) node.Dispose();
        while (Context.RunOne())
        {
        }

        SynchronizationContext.SetSynchronizationContext(_before);
    }

    private bool Step()
    {
        if (Context.RunOne()) return true;
        bool did = false;
        foreach (WorldNode node in _nodes) did |= node.Turn(PollBudget);
        if (did) return true;
        if (_events.TryPeek(out _, out (long Due, long Order) at) && at.Due <= Time.Now)
        {
            _events.Dequeue()();
            return true;
        }

        return Time.RunOne();
    }

    private long NextTime()
    {
        long next = Time.NextDue;
        if (_events.TryPeek(out _, out (long Due, long Order) at)) next = Math.Min(next, at.Due);
        foreach (WorldNode node in _nodes) next = Math.Min(next, node.NextDeadline);
        return next;
    }
}
