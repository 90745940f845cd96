// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <content>Taking an EID and a pool. Everything here is done before the answer leaves, so it asks nobody anything.</content>
internal sealed partial class BridgeRole
{
    private const int LastEid = 254;
    private const int LargestPool = 254 - 8;
    private const int UsualOnABus = 4;
    private static readonly EidPool s_nothing = new(new Eid(8), 0);

    /// <summary>Whether a Set Endpoint ID is turned down: a bridge takes its EID from the first bus unless it is forced, and nobody takes one that we have elsewhere.</summary>
    /// <param name="request">The request.</param>
    /// <param name="wanted">What it wants.</param>
    public bool Rejects(in ControlRequest request, in SetEndpointIdRequest wanted)
    {
        int link = request.From.Link;
        if (_controller.Links.Find(link)?.Host is not { } host) return true;
        if (wanted.Operation != SetEndpointIdOperation.Force && IsBridge(link)
            && UpstreamsOf(host.Network).Any(other => other.Index != link && other.Assigned != Eid.Null))
        {
            _controller.Note(NoteSeverity.Warning, $"{host.Name}: EID {wanted.Eid} is rejected, another bus gave us ours first");
            return true;
        }

        foreach (HostAddress own in _controller.Host.Addresses())
        {
            // What we put on our own buses goes with the EID that it is.
            if (own.Link == link || own.Eid != wanted.Eid || _routes.HasTaken(own) || _controller.Links.Find(own.Link)?.Host.Network != host.Network) continue;
            _controller.Note(NoteSeverity.Warning, $"{host.Name}: EID {wanted.Eid} is rejected, it is our own on another link of network {host.Network}");
            return true;
        }

        return false;
    }

    /// <summary>Makes an EID ours on the link that a Set Endpoint ID came in by.</summary>
    /// <param name="request">The request.</param>
    /// <param name="eid">The EID.</param>
    /// <param name="isNew">False when nothing changed: the same bus owner says the same once more, or its request was sent again.</param>
    /// <returns>False when the system below refuses it.</returns>
    public bool TryTakeEid(in ControlRequest request, Eid eid, out bool isNew)
    {
        isNew = false;
        int link = request.From.Link;
        HostLink host = _controller.Links.Find(link)!.Host;
        try
        {
            HostAddress[] held = [.. _controller.Host.Addresses().Where(address => address.Link == link)];
            if (!Array.Exists(held, address => address.Eid == eid)) _controller.Host.AddAddress(link, eid);
            foreach (HostAddress old in held)
            {
                if (old.Eid != eid) _controller.Host.RemoveAddress(link, old.Eid);
            }
        }
        catch (HostException refused)
        {
            _controller.Note(NoteSeverity.Warning, $"{host.Name}: EID {eid} of the bus owner cannot be taken: {refused.Message}");
            return false;
        }

        UpstreamLink upstream = UpstreamOf(link);
        if (upstream.Assigned != eid)
        {
            // What was allocated to the old EID is not ours any more; the bus owner allocates anew.
            upstream.Routes.Clear();
            if (_pools.TryGetValue(host.Network, out BridgePool? pool) && pool.Link == link) _pools.Remove(host.Network);
        }

        if (upstream.Owner is { } owner && owner.Address != request.From.Address && upstream.Assigned != Eid.Null)
            _controller.Note(NoteSeverity.Warning, $"{host.Name}: EID {eid} comes from another bus owner than EID {upstream.Assigned} did; are there two?");
        MctpEndPoint from = request.From with { Tag = default, Type = MessageType.Control };

        // A bus owner that could not be met the last time is met now.
        bool isMissing = from.Eid.IsAssignable && _controller.Endpoints.Find(host.Network, from.Eid) is null;
        isNew = upstream.Owner != from || upstream.Assigned != eid || isMissing;
        upstream.Owner = from;
        upstream.Assigned = eid;
        upstream.IsDiscovered = true;
        upstream.Generation++;
        if (isNew) _controller.Note(NoteSeverity.Information, $"{host.Name}: bus owner {request.From.Eid} gave us EID {eid}");
        return true;
    }

    /// <summary>What the answer to Set Endpoint ID says about our pool.</summary>
    /// <param name="link">The link's index.</param>
    /// <param name="size">EIDs that we need.</param>
    public EidPoolStatus PoolStatus(int link, out int size)
    {
        size = 0;
        if (!IsBridge(link)) return EidPoolStatus.None;
        uint network = _controller.Links.Find(link)!.Host.Network;
        size = WantedPool(network);
        if (_pools.ContainsKey(network)) return EidPoolStatus.Present;
        return size == 0 ? EidPoolStatus.None : EidPoolStatus.Needed;
    }

    /// <summary>Takes a pool, or says which one there is.</summary>
    /// <param name="request">The request.</param>
    /// <param name="wanted">What it wants.</param>
    /// <param name="response">The answer's data when the code is success.</param>
    /// <param name="changed">True when the pool is another now.</param>
    public CompletionCode Allocate(in ControlRequest request, in AllocateEndpointIdsRequest wanted, out AllocateEndpointIdsResponse response, out bool changed)
    {
        changed = false;
        int link = request.From.Link;
        HostLink host = _controller.Links.Find(link)!.Host;
        _pools.TryGetValue(host.Network, out BridgePool? held);
        if (wanted.Operation == AllocateEndpointIdsOperation.GetInformation)
        {
            response = Describe(held, host.Network, isRejected: false);
            return CompletionCode.Success;
        }

        response = default;
        if (wanted.Count > Math.Max(WantedPool(host.Network), held?.Pool.Count ?? 0)) return CompletionCode.InvalidData;
        if (wanted.Operation == AllocateEndpointIdsOperation.Allocate && held is not null && held.Link != link
            && _controller.Links.Find(held.Link) is { Role: LinkRole.Endpoint })
        {
            response = Describe(held, host.Network, isRejected: true);
            return CompletionCode.Success;
        }

        EidPool? pool = null;
        if (wanted.Count != 0)
        {
            if (!wanted.First.IsAssignable || wanted.First.Value + wanted.Count - 1 > LastEid) return CompletionCode.InvalidData;
            pool = new EidPool(wanted.First, wanted.Count);
            if (CoversOthers(host, pool.Value, request.From.Eid)) return CompletionCode.InvalidData;
        }

        changed = wanted.Operation == AllocateEndpointIdsOperation.Force || held?.Pool != pool;
        if (pool is null) _pools.Remove(host.Network);
        else _pools[host.Network] = new BridgePool(pool.Value, link);
        if (changed) _controller.Note(NoteSeverity.Information, $"{host.Name}: bus owner {request.From.Eid} gave us {Describe(pool)}");
        response = new AllocateEndpointIdsResponse(IsRejected: false, wanted.Count, pool?.First ?? Eid.Null);
        return CompletionCode.Success;
    }

    /// <summary>The EIDs that may be assigned on our own buses in a network.</summary>
    /// <param name="network">The network.</param>
    /// <returns>Null where nobody is above us, so that the options decide; our pool where somebody is, and an empty range while that gave us none.</returns>
    public EidPool? DynamicRange(uint network)
    {
        if (!_controller.Links.All.Any(link => link.Role == LinkRole.Endpoint && link.Host.Network == network)) return null;
        return _pools.TryGetValue(network, out BridgePool? held) ? held.Pool : s_nothing;
    }

    /// <summary>EIDs that we need behind us: what the options say, or for each of our buses what is known there, and no less than may be expected.</summary>
    private int WantedPool(uint network)
    {
        if (_controller.Options.WantedPoolSize is { } wanted) return Math.Min(wanted, LargestPool);
        int needed = 0;
        foreach (ManagedLink link in DownstreamOf(network))
        {
            ManagedEndpoint[] there = [.. _controller.Endpoints.All.Where(endpoint => !endpoint.IsLocal && endpoint.Bridge is null && endpoint.Link == link.Host.Index)];
            needed += Math.Max(there.Length + there.Sum(static endpoint => endpoint.Pool?.Count ?? 0), ExpectedOn(link.Host));
        }

        return Math.Min(needed, LargestPool);
    }

    // Nobody behind us can be set up before there is a pool, so a bridge that starts cannot know yet.
    private int ExpectedOn(HostLink link)
    {
        if (link.Address.Length == 0) return 1;
        int scanned = _controller.Options.ScanAddresses(link).Count;
        return scanned != 0 ? scanned : UsualOnABus;
    }

    private static AllocateEndpointIdsResponse Describe(BridgePool? held, int wanted, bool isRejected) =>
        new(isRejected, (byte)(held?.Pool.Count ?? wanted), held?.Pool.First ?? Eid.Null);

    private AllocateEndpointIdsResponse Describe(BridgePool? held, uint network, bool isRejected) => Describe(held, WantedPool(network), isRejected);

    private static string Describe(EidPool? pool) => pool is { } range ? $"the pool {range.First} to {range.Last}" : "no pool";

    // A pool that holds our own EID on that bus, or the bus owner's, is nonsense or a trap.
    private bool CoversOthers(HostLink link, EidPool pool, Eid owner) => pool.Contains(owner) || pool.Contains(EidOn(link.Index));
}
