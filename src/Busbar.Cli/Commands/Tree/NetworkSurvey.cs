// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>
/// Finds out what is behind the bridges of a network by asking: Get Routing Table Entries of each bridge, then everybody whom the tables list. Reads only. Tables
/// that lie or loop cost time and nothing else: each EID is asked once, each table has an end.
/// </summary>
internal sealed class NetworkSurvey
{
    // A page holds at least one entry and there are no more than 255 handles.
    private const int MostPages = 255;
    private const int Askers = 8;

    private static readonly ControlRequesterOptions s_probe = new() { TryTimeout = 300, Tries = 1 };

    private readonly PeerSession _session;
    private readonly Eid _own;
    private readonly Action<string>? _progress;
    private readonly Dictionary<byte, SurveyedEndpoint> _found = [];

    /// <summary>Makes a survey.</summary>
    /// <param name="session">The way to the network; its peer is asked first.</param>
    /// <param name="own">Our own EID, which nobody asks.</param>
    /// <param name="progress">Told what is being done; null for nobody.</param>
    public NetworkSurvey(PeerSession session, Eid own, Action<string>? progress = null)
    {
        _session = session;
        _own = own;
        _progress = progress;
    }

    /// <summary>Asks everybody.</summary>
    /// <param name="stop">Ends it early; the outcome holds who was found until then.</param>
    /// <returns>The endpoint at the other end, with all that is behind it.</returns>
    /// <exception cref="MctpException">The endpoint at the other end does not answer.</exception>
    public SurveyedEndpoint Run(CancellationToken stop)
    {
        using var survey = new EndpointSurvey(_session.Source);
        EndpointInventory first = survey.Ask(_session.Peer(MessageType.Control));
        var root = new SurveyedEndpoint(first.Eid, parent: null) { Inventory = first };
        _found.Add(first.Eid.Value, root);
        var bridges = new Queue<SurveyedEndpoint>();
        if (first.IsBridge) bridges.Enqueue(root);
        while (!stop.IsCancellationRequested && bridges.TryDequeue(out SurveyedEndpoint? bridge))
        {
            _progress?.Invoke($"reading the routing table of EID {bridge.Eid}");
            bridge.Table = ReadTable(bridge == root ? _session.Peer(MessageType.Control) : _session.At(bridge.Eid, MessageType.Control));
            SurveyedEndpoint[] listed = Listed(bridge);
            AskAll(listed, stop);
            foreach (SurveyedEndpoint endpoint in listed)
            {
                if (!endpoint.IsListedAlone && endpoint.Inventory is null) continue;
                Adopt(endpoint, bridge);
                if (endpoint.Inventory is { IsBridge: true }) bridges.Enqueue(endpoint);
            }
        }

        return root;
    }

    // Whom a bridge lists behind it and nobody has met yet. The port that leads back to us lists what is in front of it.
    private SurveyedEndpoint[] Listed(SurveyedEndpoint bridge)
    {
        HashSet<byte> front = [.. bridge.Table.Where(entry => LeadsBack(entry, bridge)).Select(entry => entry.Port)];
        var listed = new Dictionary<byte, SurveyedEndpoint>();
        foreach (RoutingTableEntry entry in bridge.Table)
        {
            if (front.Contains(entry.Port)) continue;
            bool isAlone = entry.Kind is RoutingEntryKind.Endpoint or RoutingEntryKind.Bridge && entry.Count == 1;
            for (int value = entry.First.Value; value < Math.Min(entry.First.Value + entry.Count, byte.MaxValue); value++)
            {
                var eid = new Eid((byte)value);
                if (!eid.IsAssignable || eid == _own || eid == bridge.Eid) continue;
                if (_found.TryGetValue(eid.Value, out SurveyedEndpoint? known))
                {
                    // Found before in the table of a bridge in front of this one, which knows the range only; this one is nearer.
                    if (!known.IsInFrontOf(bridge) && known.Inventory?.IsBridge != true) Adopt(known, bridge);
                    continue;
                }

                if (!listed.TryGetValue(eid.Value, out SurveyedEndpoint? endpoint)) listed.Add(eid.Value, endpoint = new SurveyedEndpoint(eid, bridge));
                endpoint.IsListedAlone |= isAlone;
            }
        }

        return [.. listed.Values];
    }

    private bool LeadsBack(in RoutingTableEntry entry, SurveyedEndpoint bridge)
    {
        if (Covers(entry, _own)) return true;
        for (SurveyedEndpoint? front = bridge.Parent; front is not null; front = front.Parent)
        {
            if (Covers(entry, front.Eid)) return true;
        }

        return false;
    }

    private static bool Covers(in RoutingTableEntry entry, Eid eid) => eid.Value >= entry.First.Value && eid.Value < entry.First.Value + entry.Count;

    private void Adopt(SurveyedEndpoint endpoint, SurveyedEndpoint bridge)
    {
        _found[endpoint.Eid.Value] = endpoint;
        endpoint.Parent?.Behind.Remove(endpoint.Eid.Value);
        endpoint.Parent = bridge;
        bridge.Behind[endpoint.Eid.Value] = endpoint;
    }

    private void AskAll(SurveyedEndpoint[] listed, CancellationToken stop)
    {
        if (listed.Length == 0) return;
        _progress?.Invoke($"asking {listed.Length} EIDs");
        int next = -1;
        Task[] askers = new Task[Math.Min(Askers, listed.Length)];
        for (int i = 0; i < askers.Length; i++)
        {
            askers[i] = Task.Factory.StartNew(
                () =>
                {
                    using var patient = new EndpointSurvey(_session.Source);
                    using var quick = new EndpointSurvey(_session.Source, s_probe);
                    while (!stop.IsCancellationRequested && Interlocked.Increment(ref next) is var mine && mine < listed.Length) Ask(listed[mine], patient, quick);
                },
                stop,
                TaskCreationOptions.LongRunning,
                TaskScheduler.Default);
        }

        Task.WaitAll(askers, CancellationToken.None);
    }

    // An EID of a range may be nobody's; one that is listed by itself gets every chance.
    private void Ask(SurveyedEndpoint endpoint, EndpointSurvey patient, EndpointSurvey quick)
    {
        MctpEndPoint peer = _session.At(endpoint.Eid, MessageType.Control);
        try
        {
            if (!endpoint.IsListedAlone) quick.GetEid(peer);
            endpoint.Inventory = patient.Ask(peer);
        }
        catch (MctpException)
        {
            // Silence is an answer: the endpoint is shown as silent when it is listed by itself, and not at all otherwise.
        }
    }

    private List<RoutingTableEntry> ReadTable(in MctpEndPoint bridge)
    {
        var entries = new List<RoutingTableEntry>();
        using var client = new ControlClient(_session.Source);
        var seen = new HashSet<byte>();
        byte handle = 0;
        try
        {
            for (int page = 0; page < MostPages && seen.Add(handle); page++)
            {
                var request = new GetRoutingTableEntriesRequest(handle);
                if (client.TryAsk(request, bridge, out GetRoutingTableEntriesResponse answer) != CompletionCode.Success) break;
                entries.AddRange(answer.Entries);
                if (answer.NextHandle == GetRoutingTableEntriesResponse.Last) break;
                handle = answer.NextHandle;
            }
        }
        catch (MctpException)
        {
            // What was read so far counts; a bridge without this command holds nothing that we could see.
        }

        return entries;
    }
}
