// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary><c>busbar discover --recursive</c>: a network with what is behind its bridges, through a daemon or over a link of our own.</summary>
internal static class RecursiveDiscovery
{
    private const int FirstEid = 9;

    // Time for a bridge that got a pool to hand it out, before its routing table is read.
    private static readonly TimeSpan s_settle = TimeSpan.FromSeconds(2);

    /// <summary>Over a link, or through the kernel: asks whoever is there and whatever its tables lead to.</summary>
    /// <param name="session">The way.</param>
    /// <param name="own">Our own EID.</param>
    /// <param name="assign">Whether to give the endpoint at the other end an EID and a pool first.</param>
    /// <param name="stop">Ends it early.</param>
    public static TreeReport Survey(PeerSession session, Eid own, bool assign, CancellationToken stop)
    {
        using var progress = new Progress();
        if (assign) Assign(session, own, stop);
        SurveyedEndpoint root = new NetworkSurvey(session, own, progress.Show).Run(stop);
        progress.Dispose();
        var link = new TreeLink { Name = session.Name, Up = true, LocalEids = session.Link is null ? [] : [own.Value], Endpoints = [root.ToTree()] };
        return new TreeReport { Ok = true, System = session.Name, Networks = [new TreeNetwork { Network = session.Network == 0 ? 1 : session.Network, Links = [link] }] };
    }

    /// <summary>Through a daemon: has it learn whom its bridges' tables list and it does not know; assigns nothing.</summary>
    /// <param name="socket">The daemon's socket; null for the usual one.</param>
    /// <param name="network">Only this network; null for all.</param>
    /// <param name="stop">Ends it early.</param>
    public static TreeReport Learn(string? socket, uint? network, CancellationToken stop)
    {
        using var daemon = RemoteAdministration.Connect(socket);
        using var progress = new Progress();
        var asked = new HashSet<(uint, int)>();
        while (!stop.IsCancellationRequested)
        {
            (uint Network, int Eid)[] unknown = [.. Unknown(daemon.State(), network).Where(asked.Add)];
            if (unknown.Length == 0) break;
            progress.Show($"asking {unknown.Length} EIDs that bridges list");
            Task.WhenAll(unknown.Select(entry => LearnOne(daemon, entry.Network, new Eid((byte)entry.Eid)))).Wait(CancellationToken.None);
        }

        progress.Dispose();
        return TreeBuilder.Build(daemon.SocketPath, daemon.State(), network);
    }

    private static IEnumerable<(uint Network, int Eid)> Unknown(StateReport state, uint? network)
    {
        HashSet<(uint, int)> known = [.. state.Endpoints.Select(endpoint => (endpoint.Network, endpoint.Eid))];
        return from bridge in state.Endpoints
               where network is null || bridge.Network == network
               from entry in bridge.RoutingTable
               from eid in Enumerable.Range(entry.First, Math.Max(entry.Count, 1))
               where eid is >= 8 and <= 254 && known.Add((bridge.Network, eid))
               select (bridge.Network, eid);
    }

    private static async Task LearnOne(RemoteAdministration daemon, uint network, Eid eid)
    {
        try
        {
            await daemon.LearnEndpointAsync(network, eid).ConfigureAwait(false);
        }
        catch (Exception failure) when (failure is ControlPlaneException or MctpException)
        {
            // Nobody has that EID now; the tree shows it as an entry of the table.
        }
    }

    private static void Assign(PeerSession session, Eid own, CancellationToken stop)
    {
        if (session.Link is null) throw new CommandException(ExitCode.Usage, "--assign with --recursive needs --link LINK; through a daemon 'busbar peer setup' assigns");
        using var client = new ControlClient(session.Source);
        Eid wanted = session.Target != Eid.Null ? session.Target : new Eid((byte)(own.Value == FirstEid ? FirstEid + 1 : FirstEid));
        MctpEndPoint whoever = session.At(Eid.Null, MessageType.Control);
        SetEndpointIdResponse given = client.Ask<SetEndpointIdRequest, SetEndpointIdResponse>(new SetEndpointIdRequest(SetEndpointIdOperation.Set, wanted), whoever);
        if (given.IsRejected && given.Eid == Eid.Null) throw new CommandException(ExitCode.PeerError, $"the endpoint at the other end rejects EID {wanted}");
        if (given.Pool != EidPoolStatus.Needed || given.PoolSize == 0) return;
        int first = given.Eid.Value + 1 > own.Value ? given.Eid.Value + 1 : own.Value + 1;
        int size = Math.Min(given.PoolSize, 254 - first + 1);
        if (size < 1) throw new CommandException(ExitCode.Usage, $"no EIDs are left behind {given.Eid} for the bridge's pool; choose a lower --eid");
        var pool = new AllocateEndpointIdsRequest(AllocateEndpointIdsOperation.Allocate, (byte)size, new Eid((byte)first));
        client.Ask<AllocateEndpointIdsRequest, AllocateEndpointIdsResponse>(pool, whoever);
        stop.WaitHandle.WaitOne(s_settle);
    }
}
