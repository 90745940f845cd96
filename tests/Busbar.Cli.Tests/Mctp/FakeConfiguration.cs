// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Cli.Tests;

/// <summary>A system of two links that remembers what it was asked to change, in the order of asking.</summary>
internal sealed class FakeConfiguration : IMctpConfiguration
{
    public static readonly HostLink Loopback = new(1, "lo", 1, new PhysicalAddress(new byte[6]), 65_536, 68, 65_536, true, PhysicalBinding.Unspecified);
    public static readonly HostLink Bus = new(4, "mctpi2c1", 1, new PhysicalAddress([0x10]), 254, 68, 254, true, PhysicalBinding.Smbus);
    public static readonly HostLink Wire = new(5, "mctpserial0", 7, default, 68, 68, 68, false, PhysicalBinding.Serial);
    public static readonly HostLink Slots = new(6, "mctppcie0", 3, new PhysicalAddress([7, 0xEC, 0x80, 1, 0, 0]), 1024, 68, 1024, true, PhysicalBinding.PcieVdm);

    public List<HostLink> LinkList { get; } = [Loopback, Bus, Wire, Slots];

    public List<HostAddress> AddressList { get; } = [new(4, new Eid(8)), new(6, new Eid(11))];

    public List<HostRoute> RouteList { get; } =
    [
        HostRoute.Direct(new Eid(9), new Eid(9), Bus, 68),
        HostRoute.Via(new Eid(20), new Eid(29), new Eid(12), 1),
        new(new Eid(30), new Eid(31), 0, Eid.Null, 0, 0),
    ];

    public List<HostNeighbour> NeighbourList { get; } =
    [
        new(4, new Eid(9), new PhysicalAddress([0x1D])), new(6, new Eid(12), new PhysicalAddress([7, 0xEC, 0x80, 1, 0, 0])), new(5, new Eid(40), default),
    ];

    /// <summary>What was changed, as text.</summary>
    public List<string> Changes { get; } = [];

    /// <summary>What every change is refused with.</summary>
    public HostException? Refusal { get; set; }

    public IReadOnlyList<HostLink> Links() => LinkList;

    public IReadOnlyList<HostAddress> Addresses() => AddressList;

    public IReadOnlyList<HostRoute> Routes() => RouteList;

    public IReadOnlyList<HostNeighbour> Neighbours() => NeighbourList;

    public void SetLink(int link, bool? isUp = null, int? mtu = null, uint? network = null) => Note($"set {link} up={isUp} mtu={mtu} net={network}");

    public void AddAddress(int link, Eid eid) => Note($"address+ {link} {eid}");

    public void RemoveAddress(int link, Eid eid) => Note($"address- {link} {eid}");

    public void AddRoute(in HostRoute route) => Note($"route+ {Describe(route)}");

    public void RemoveRoute(in HostRoute route) => Note($"route- {Describe(route)}");

    public void AddNeighbour(in HostNeighbour neighbour) => Note($"neighbour+ {neighbour.Link} {neighbour.Eid} {neighbour.Address}");

    public void RemoveNeighbour(int link, Eid eid) => Note($"neighbour- {link} {eid}");

    private static string Describe(in HostRoute route) => $"{route.First}-{route.Last} link={route.Link} gw={route.Gateway} net={route.Network} mtu={route.Mtu}";

    private void Note(string change)
    {
        if (Refusal is not null) throw Refusal;
        Changes.Add(change);
    }
}
