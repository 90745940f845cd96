// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Daemon;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>Builds a topology out of processes, waits until the bus owner has found everybody, sends messages all over it, checks, and takes it down.</summary>
internal sealed class TopologyRun : IDisposable
{
    private const int LookEveryMs = 100;
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(10);

    private readonly Topology _topology;
    private readonly TopologyOptions _options;
    private readonly Action<string> _say;
    private readonly CancellationToken _stop;
    private readonly string _folder = Directory.CreateTempSubdirectory("busbar-lab-").FullName;
    private readonly List<TopologyProcess> _processes = [];
    private readonly List<string> _failures = [];
    private readonly IReadOnlyDictionary<Guid, string> _expected;
    private readonly HashSet<Guid> _bridges;
    private long _messages;
    private long _messagesAcross;

    public TopologyRun(Topology topology, TopologyOptions options, Action<string> say, CancellationToken stop)
    {
        (_topology, _options, _say, _stop) = (topology, options, say, stop);
        _expected = topology.Expected;

        // A bridge has an EID on each of its links; everybody else has one.
        _bridges = [.. topology.Nodes.Where(node => node.Kind == TopologyNodeKind.Bridge).Select(node => node.Uuid)];
    }

    public TopologyReport Run()
    {
        long started = Stopwatch.GetTimestamp();
        Start();
        StateReport state = AwaitEverybody(started);
        double settled = Stopwatch.GetElapsedTime(started).TotalSeconds;
        IReadOnlyList<TopologyEndpoint> endpoints = Judge(state);
        endpoints = Exercise(endpoints);
        ExerciseAcross(endpoints);
        if (_options.Stays) _stop.WaitHandle.WaitOne();
        TakeDown();
        return new TopologyReport
        {
            Ok = _failures.Count == 0,
            Name = _topology.Name,
            Processes = _topology.Nodes.Count,
            Links = _topology.Links.Count + _topology.Nodes.Count(node => node.Bus is not null),
            BridgeLevels = _topology.Nodes.Where(node => node.Kind == TopologyNodeKind.Bridge).Select(node => node.Depth).DefaultIfEmpty(0).Max(),
            Endpoints = endpoints,
            SettledS = Math.Round(settled, 3),
            Messages = _messages,
            MessagesAcross = _messagesAcross,
            ElapsedS = Math.Round(Stopwatch.GetElapsedTime(started).TotalSeconds, 3),
            Failures = _failures,
        };
    }

    public void Dispose()
    {
        // All are asked first, so that they end side by side.
        foreach (TopologyProcess process in _processes) process.Stop();
        foreach (TopologyProcess process in _processes) process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    // Whoever offers a window starts before those who look for it; those wait anyway.
    private void Start()
    {
        foreach (TopologyNode node in _topology.Nodes.OrderByDescending(node => node.Depth))
        {
            _say($"starting {node.Name}");
            _processes.Add(TopologyProcess.Start(node, _folder));
        }
    }

    private StateReport AwaitEverybody(long started)
    {
        using RemoteAdministration owner = Connect(_topology.BusOwner, started);
        while (true)
        {
            StateReport state = owner.State();
            int found = state.Endpoints.Where(endpoint => endpoint.IsPublished && endpoint.Uuid is { } uuid && _expected.ContainsKey(uuid)).DistinctBy(endpoint => endpoint.Uuid).Count();
            _say($"{found} of {_expected.Count} endpoints found");
            if (found >= _expected.Count) return state;
            EnsureAlive();
            if (Stopwatch.GetElapsedTime(started) > _options.Patience)
            {
                _failures.Add($"only {found} of {_expected.Count} endpoints were found within {_options.Patience.TotalSeconds:0} s");
                return state;
            }

            Wait();
        }
    }

    private RemoteAdministration Connect(TopologyNode node, long started)
    {
        string socket = TopologyConfiguration.SocketOf(node, _folder);
        while (true)
        {
            EnsureAlive();
            try
            {
                if (File.Exists(socket)) return RemoteAdministration.Connect(socket);
            }
            catch (MctpException notYet) when (notYet.Error == MctpError.Unreachable && Stopwatch.GetElapsedTime(started) < _options.Patience)
            {
                // The socket is there a moment before somebody listens.
            }

            if (Stopwatch.GetElapsedTime(started) > _options.Patience)
                throw new CommandException(ExitCode.Unreachable, $"the daemon of '{node.Name}' did not open its socket within {_options.Patience.TotalSeconds:0} s: {ProcessOf(node).LastWords}");
            Wait();
        }
    }

    private void Wait()
    {
        if (_stop.WaitHandle.WaitOne(LookEveryMs)) throw new CommandException(ExitCode.Negative, "interrupted");
    }

    private void EnsureAlive()
    {
        if (_processes.Find(process => process.HasEnded) is { } ended)
            throw new CommandException(ExitCode.PeerError, $"the process of '{ended.Node.Name}' ended with exit code {ended.WaitForExit()}: {ended.LastWords}");
    }

    private TopologyProcess ProcessOf(TopologyNode node) => _processes.First(process => ReferenceEquals(process.Node, node));

    // What the bus owner says against what was built.
    private List<TopologyEndpoint> Judge(StateReport state)
    {
        var byUuid = new Dictionary<Guid, EndpointReport>();
        var nameOfEid = new Dictionary<int, string>();
        foreach (EndpointReport endpoint in state.Endpoints)
        {
            if (endpoint.IsLocal) continue;
            string name = endpoint.Uuid is { } uuid ? _expected.GetValueOrDefault(uuid, $"UUID {uuid}") : "nobody known";
            if (endpoint.Uuid is not { } known || !_expected.ContainsKey(known)) _failures.Add($"EID {endpoint.Eid} belongs to {name}, who is not part of the topology");
            else if (!byUuid.TryAdd(known, endpoint) && !_bridges.Contains(known)) _failures.Add($"{name} has two EIDs, {byUuid[known].Eid} and {endpoint.Eid}");
            nameOfEid.TryAdd(endpoint.Eid, name);
            if (endpoint.Connectivity == "Degraded") _failures.Add($"{name} (EID {endpoint.Eid}) is degraded");
        }

        PoolReport[] pools = [.. state.Networks.SelectMany(network => network.Pools)];
        foreach (PoolReport one in pools)
        {
            foreach (PoolReport other in pools)
            {
                if (one.Bridge < other.Bridge && one.First <= other.Last && other.First <= one.Last && !(Within(one, other) || Within(other, one)))
                    _failures.Add($"the pools of EIDs {one.Bridge} and {other.Bridge} overlap");
            }
        }

        return
        [
            .. from pair in _expected
               let found = byUuid.GetValueOrDefault(pair.Key)
               let bridge = found?.Bridge is { } eid ? nameOfEid.GetValueOrDefault(eid, $"EID {eid}") : null
               orderby found?.Eid ?? int.MaxValue
               select new TopologyEndpoint(pair.Value, found?.Eid, bridge, pair.Key, 0, 0),
        ];

        static bool Within(PoolReport inner, PoolReport outer) => inner.First >= outer.First && inner.Last <= outer.Last;
    }

    private TopologyEndpoint[] Exercise(IReadOnlyList<TopologyEndpoint> endpoints)
    {
        DaemonMctp source = DaemonMctp.Open(TopologyConfiguration.SocketOf(_topology.BusOwner, _folder));
        var done = new List<TopologyEndpoint>();
        foreach (TopologyEndpoint endpoint in endpoints)
        {
            if (endpoint.Eid is not { } eid)
            {
                _failures.Add($"{endpoint.Name} was not found");
                done.Add(endpoint);
                continue;
            }

            _say($"echo to {endpoint.Name} (EID {eid})");
            (int sent, int intact) = Echo(source, (byte)eid);
            _messages += sent;
            if (intact != sent) _failures.Add($"{endpoint.Name} (EID {eid}) echoed {intact} of {sent} messages right");
            done.Add(endpoint with { Sent = sent, Intact = intact });
        }

        return [.. done];
    }

    // Each bridge talks to somebody who is not behind it: up, over, and down again.
    private void ExerciseAcross(IReadOnlyList<TopologyEndpoint> endpoints)
    {
        foreach (TopologyNode bridge in _topology.Nodes.Where(node => node.Kind == TopologyNodeKind.Bridge))
        {
            HashSet<string> near = [.. NamesBehind(bridge)];
            if (endpoints.FirstOrDefault(endpoint => endpoint.Eid is not null && !near.Contains(endpoint.Name)) is not { } target) continue;
            _say($"echo from {bridge.Name} to {target.Name}");
            (int sent, int intact) = Echo(DaemonMctp.Open(TopologyConfiguration.SocketOf(bridge, _folder)), (byte)target.Eid!.Value);
            _messages += sent;
            _messagesAcross += sent;
            if (intact != sent) _failures.Add($"{bridge.Name} got {intact} of {sent} echoes of {target.Name} (EID {target.Eid}) right");
        }
    }

    private static IEnumerable<string> NamesBehind(TopologyNode node) =>
        Enumerable.Range(0, node.Bus?.Endpoints ?? 0).Select(number => $"{node.Name}.{number}")
            .Concat(node.Below.SelectMany(link => NamesBehind(link.Below)))
            .Prepend(node.Name);

    private (int Sent, int Intact) Echo(DaemonMctp source, byte eid)
    {
        int sent = 0;
        int intact = 0;
        try
        {
            using var client = new EchoClient(source, new MctpEndPoint(new Eid(eid), MessageType.VendorPci, MctpTag.Owner), _options.Seed + eid);
            foreach (int size in _options.Sizes)
            {
                EchoTally tally = client.Run(size, _options.Count, inFlight: 1, s_answerLimit, _stop);
                sent += tally.Sent;
                intact += tally.Intact;

                // One that is silent once need not be waited for again.
                if (tally.Intact != tally.Sent) break;
            }
        }
        catch (MctpException failure)
        {
            _failures.Add($"EID {eid}: {failure.Message}");
        }

        if (_stop.IsCancellationRequested) throw new CommandException(ExitCode.Negative, "interrupted");
        return (sent, intact);
    }

    private void TakeDown()
    {
        _say("taking the network down");
        foreach (TopologyProcess process in _processes) process.Stop();
        foreach (TopologyProcess process in _processes)
        {
            int? code = process.WaitForExit();
            if (code is null) _failures.Add($"{process.Node.Name} did not end and was killed");
            else if (code != 0) _failures.Add($"{process.Node.Name} ended with exit code {code}: {process.LastWords}");
        }
    }
}
