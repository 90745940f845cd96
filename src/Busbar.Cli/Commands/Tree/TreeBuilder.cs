// SPDX-License-Identifier: Apache-2.0
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>Makes a tree of what a daemon knows.</summary>
internal sealed class TreeBuilder
{
    private readonly StateReport _state;
    private readonly ILookup<(uint Network, int Bridge), EndpointReport> _behind;
    private readonly HashSet<(uint Network, int Eid)> _known;

    private TreeBuilder(StateReport state)
    {
        _state = state;
        _known = [.. state.Endpoints.Select(endpoint => (endpoint.Network, endpoint.Eid))];
        _behind = state.Endpoints.Where(endpoint => endpoint.Bridge is not null).ToLookup(endpoint => (endpoint.Network, endpoint.Bridge!.Value));
    }

    /// <summary>Makes it.</summary>
    /// <param name="system">The daemon's socket.</param>
    /// <param name="state">What it knows.</param>
    /// <param name="network">Only this network; null for all.</param>
    public static TreeReport Build(string system, StateReport state, uint? network)
    {
        var builder = new TreeBuilder(state);
        IEnumerable<uint> numbers = state.Networks.Select(report => report.Network).Concat(state.Links.Select(link => link.Network)).Distinct().Order();
        return new TreeReport { Ok = true, System = system, Networks = [.. numbers.Where(number => network is null || number == network).Select(builder.Network)] };
    }

    private TreeNetwork Network(uint number) => new()
    {
        Network = number,
        FreeEids = _state.Networks.FirstOrDefault(report => report.Network == number)?.FreeEids,
        Links = [.. _state.Links.Where(link => link.Network == number).Select(Link)],
    };

    private TreeLink Link(LinkReport link)
    {
        // Whoever is behind a bridge that is not there (any more) hangs on the link itself, so that nobody is missing.
        EndpointReport[] roots =
        [
            .. _state.Endpoints.Where(endpoint => !endpoint.IsLocal && endpoint.Network == link.Network && endpoint.Link == link.Index
                && (endpoint.Bridge is not { } bridge || bridge == endpoint.Eid || !_known.Contains((endpoint.Network, bridge)))),
        ];
        var seen = new HashSet<int>();
        List<TreeEndpoint> endpoints = [.. roots.Where(root => seen.Add(root.Eid)).Select(root => Endpoint(root, seen))];

        // Bridges that claim to be behind each other have no root; the first of them becomes one.
        foreach (EndpointReport lost in _state.Endpoints)
        {
            if (!lost.IsLocal && lost.Network == link.Network && lost.Link == link.Index && seen.Add(lost.Eid)) endpoints.Add(Endpoint(lost, seen));
        }

        return new TreeLink
        {
            Name = link.Name,
            Index = link.Index,
            Binding = Names.Binding(link.Binding),
            Role = Names.Role(link.Role),
            Up = link.IsUp,
            Mtu = link.Mtu,
            Address = Known(link.Address),
            LocalEids = link.Eids,
            Endpoints = endpoints,
        };
    }

    // A list that lies about who is behind whom ends where somebody comes up a second time.
    private TreeEndpoint Endpoint(EndpointReport endpoint, HashSet<int> seen)
    {
        TreeEndpoint[] behind =
        [
            .. _behind[(endpoint.Network, endpoint.Eid)].Where(child => !child.IsLocal && seen.Add(child.Eid)).Select(child => Endpoint(child, seen)),
        ];
        TreeRange[] holds = [.. endpoint.RoutingTable.Where(entry => !Covers(endpoint.Network, entry)).Select(Range)];
        return new TreeEndpoint
        {
            Eid = endpoint.Eid,
            Bridge = endpoint.Kind == nameof(Mctp.EndpointKind.BusOwnerOrBridge),
            State = endpoint.IsPublished ? endpoint.Connectivity.ToLowerInvariant() : "unqueried",
            Address = Known(endpoint.Address),
            Uuid = endpoint.Uuid?.ToString(),
            Types = endpoint.MessageTypes,
            Vendors = endpoint.VendorSets.Count == 0 ? null : [.. endpoint.VendorSets.Select(Vendor)],
            Mtu = endpoint.Mtu == 0 ? null : endpoint.Mtu,
            Pool = endpoint.Pool is { } pool ? new TreeRange(pool.First, pool.Last) : null,
            Holds = holds.Length == 0 ? null : holds,
            Behind = behind.Length == 0 ? null : behind,
        };
    }

    private bool Covers(uint network, RoutingEntryReport entry)
    {
        for (int eid = entry.First; eid < entry.First + entry.Count; eid++)
        {
            if (_known.Contains((network, eid))) return true;
        }

        return false;
    }

    private static TreeRange Range(RoutingEntryReport entry) =>
        new(entry.First, entry.First + Math.Max(entry.Count, 1) - 1, entry.Port, Names.Binding(entry.Binding), Known(entry.Address));

    private static string Vendor(VendorSetReport set) => set.Format == nameof(Mctp.VendorIdFormat.Pci)
        ? $"pci 0x{set.VendorId:x4}, set 0x{set.CommandSet:x4}"
        : $"iana {set.VendorId}, set 0x{set.CommandSet:x4}";

    private static string? Known(string text) => text.Length == 0 ? null : text;
}
