// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>Says what the daemon knows, in the form in which clients get it.</summary>
internal sealed class StateReader
{
    private readonly NetworkController _controller;
    private readonly IDaemonSystem _system;
    private readonly Func<DaemonReport> _daemon;

    public StateReader(NetworkController controller, IDaemonSystem system, Func<DaemonReport> daemon)
    {
        _controller = controller;
        _system = system;
        _daemon = daemon;
    }

    public StateReport State() => new()
    {
        Daemon = Daemon(),
        Links = Links(),
        Networks = Networks(),
        Endpoints = Endpoints(),
        Routes = Routes(),
        Neighbours = Neighbours(),
    };

    public DaemonReport Daemon() => _daemon();

    public IReadOnlyList<LinkReport> Links()
    {
        ILookup<int, HostAddress> addresses = _controller.Host.Addresses().ToLookup(address => address.Link);
        return [.. _controller.Host.Links().OrderBy(link => link.Index).Select(link => Link(link, addresses[link.Index]) with { Counters = _system.StatisticsOf(link.Index) is { } counters ? Counters(counters) : null })];
    }

    public LinkReport Link(HostLink link) => Link(link, _controller.Host.Addresses().Where(address => address.Link == link.Index));

    public IReadOnlyList<NetworkReport> Networks() =>
    [
        .. _controller.Host.Links().Select(link => link.Network).Concat(_controller.Endpoints.All.Select(endpoint => endpoint.Network)).Distinct().Order().Select(Network),
    ];

    public IReadOnlyList<EndpointReport> Endpoints() => [.. _controller.Endpoints.All.Select(Endpoint)];

    public IReadOnlyList<RouteReport> Routes() => [.. _controller.Host.Routes().Select(route => ReportConversion.Of(route))];

    public IReadOnlyList<NeighbourReport> Neighbours() => [.. _controller.Host.Neighbours().Select(neighbour => ReportConversion.Of(neighbour))];

    public EndpointReport Endpoint(ManagedEndpoint endpoint)
    {
        ManagedLink? link = _controller.Links.Find(endpoint.Link);
        return new EndpointReport
        {
            Network = endpoint.Network,
            Eid = endpoint.Eid.Value,
            Link = endpoint.Link,
            LinkName = link?.Host.Name ?? "",
            Binding = (link?.Host.Binding ?? PhysicalBinding.Unspecified).ToString(),
            Address = endpoint.Address.ToString(),
            IsLocal = endpoint.IsLocal,
            Bridge = endpoint.Bridge?.Eid.Value,
            Uuid = endpoint.Uuid,
            Kind = endpoint.Kind.ToString(),
            MessageTypes = [.. endpoint.MessageTypes.Select(type => (int)type.Raw)],
            VendorSets = [.. endpoint.VendorSets.Select(set => new VendorSetReport { Format = set.Format.ToString(), VendorId = set.VendorId, CommandSet = set.CommandSet })],
            Connectivity = endpoint.Connectivity.ToString(),
            Pool = endpoint.Pool is { } pool ? ReportConversion.Of(pool, endpoint.Eid) : null,
            RoutingTable = [.. endpoint.RoutingTable.Select(Entry)],
            Mtu = endpoint.Mtu,
            IsPublished = endpoint.IsPublished,
        };
    }

    /// <summary>The reasons that occurred.</summary>
    public static Dictionary<string, long> Drops(DropCounters counters) => Enum.GetValues<DropReason>()
        .Where(reason => counters[reason] != 0)
        .ToDictionary(reason => reason.ToString(), reason => counters[reason]);

    private static LinkCounterReport Counters(LinkStatistics statistics) => new()
    {
        PacketsSent = statistics.PacketsSent,
        BytesSent = statistics.BytesSent,
        PacketsReceived = statistics.PacketsReceived,
        BytesReceived = statistics.BytesReceived,
        DoorbellsRung = statistics.DoorbellsRung,
        Wakes = statistics.Wakes,
        Drops = Drops(statistics.Drops),
    };

    private static RoutingEntryReport Entry(RoutingTableEntry entry) => new()
    {
        First = entry.First.Value,
        Count = entry.Count,
        Kind = entry.Kind.ToString(),
        IsStatic = entry.IsStatic,
        Port = entry.Port,
        Binding = entry.Binding.ToString(),
        Address = entry.Address.ToString(),
    };

    private LinkReport Link(HostLink link, IEnumerable<HostAddress> addresses) => new()
    {
        Index = link.Index,
        Name = link.Name,
        Network = link.Network,
        Address = link.Address.ToString(),
        Mtu = link.Mtu,
        MinimumMtu = link.MinimumMtu,
        MaximumMtu = link.MaximumMtu,
        IsUp = link.IsUp,
        Binding = link.Binding.ToString(),
        Role = (_controller.Links.Find(link.Index)?.Role ?? LinkRole.Unknown).ToString(),
        Eids = [.. addresses.Select(address => (int)address.Eid.Value)],
        Description = _system.DescriptionOf(link.Index),
        DevicePath = link.DevicePath,
    };

    private NetworkReport Network(uint network)
    {
        ManagedEndpoint[] members = [.. _controller.Endpoints.All.Where(endpoint => endpoint.Network == network)];
        return new NetworkReport
        {
            Network = network,
            LocalEids = [.. members.Where(endpoint => endpoint.IsLocal).Select(endpoint => (int)endpoint.Eid.Value)],
            Endpoints = members.Length,
            Pools = [.. members.Where(endpoint => endpoint.Pool is not null).Select(endpoint => ReportConversion.Of(endpoint.Pool!.Value, endpoint.Eid))],
            FreeEids = _controller.FreeEids(network).Count,
        };
    }
}
