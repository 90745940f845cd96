// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.BlackBox;

/// <summary>What the mock kernel knows: interfaces, EIDs, routes, neighbours, with the kernel's rules about them. Used in the harness's loop only.</summary>
internal sealed class MockSystem
{
    public List<MockInterface> Interfaces { get; } = [];

    public List<(int Interface, byte Eid)> Addresses { get; } = [];

    public List<MockRoute> Routes { get; } = [];

    public List<(int Interface, byte Eid, byte[] Address)> Neighbours { get; } = [];

    /// <summary>An interface came or changed (true), or went (false).</summary>
    public event Action<MockInterface, bool>? InterfaceChanged;

    /// <summary>An EID came (true) or went (false).</summary>
    public event Action<int, byte, bool>? AddressChanged;

    public MockInterface? Interface(int index) => Interfaces.Find(known => known.Index == index);

    public uint NetworkOf(MockRoute route) => route.Gateway != 0 ? route.GatewayNetwork : Interface(route.Interface)?.Network ?? 0;

    public void AddInterface(MockInterface made)
    {
        Interfaces.Add(made);
        InterfaceChanged?.Invoke(made, true);
    }

    public void NotifyInterface(MockInterface changed) => InterfaceChanged?.Invoke(changed, true);

    public void RemoveInterface(MockInterface gone)
    {
        foreach ((int _, byte eid) in Addresses.Where(address => address.Interface == gone.Index).ToArray()) RemoveAddress(gone.Index, eid);
        Neighbours.RemoveAll(neighbour => neighbour.Interface == gone.Index);
        Routes.RemoveAll(route => route.Gateway == 0 && route.Interface == gone.Index);
        Interfaces.Remove(gone);
        InterfaceChanged?.Invoke(gone, false);
    }

    public Errno AddAddress(int link, byte eid)
    {
        if (Interface(link) is null) return Errno.ENODEV;
        if (eid is < 8 or 255) return Errno.EINVAL;
        if (Addresses.Contains((link, eid))) return Errno.EEXIST;
        Addresses.Add((link, eid));
        AddressChanged?.Invoke(link, eid, true);
        return Errno.None;
    }

    public Errno RemoveAddress(int link, byte eid)
    {
        if (!Addresses.Remove((link, eid))) return Errno.ENOENT;
        AddressChanged?.Invoke(link, eid, false);
        return Errno.None;
    }

    public Errno AddRoute(MockRoute route)
    {
        if (route.First < 8 || route.Last == 255 || (route.Interface != 0) == (route.Gateway != 0)) return Errno.EINVAL;
        if (route.Interface != 0 && Interface(route.Interface) is null) return Errno.ENODEV;
        if (Routes.Any(known => known.First == route.First && known.Last == route.Last && NetworkOf(known) == NetworkOf(route))) return Errno.EEXIST;
        Routes.Add(route);
        return Errno.None;
    }

    public Errno RemoveRoute(MockRoute route) =>
        Routes.RemoveAll(known => known.First == route.First && known.Last == route.Last && NetworkOf(known) == NetworkOf(route)) == 0 ? Errno.ENOENT : Errno.None;

    public Errno AddNeighbour(int link, byte eid, byte[] address)
    {
        if (Interface(link) is not { } known) return Errno.ENODEV;
        if (address.Length != known.HardwareAddress.Length) return Errno.EINVAL;
        if (Neighbours.Any(neighbour => neighbour.Interface == link && neighbour.Eid == eid)) return Errno.EEXIST;
        Neighbours.Add((link, eid, address));
        return Errno.None;
    }

    public Errno RemoveNeighbour(int link, byte eid) =>
        Neighbours.RemoveAll(neighbour => neighbour.Interface == link && neighbour.Eid == eid) == 0 ? Errno.ENOENT : Errno.None;

    /// <summary>The interface and physical address that lead to an EID; null when the kernel would say that there is no route.</summary>
    public (MockInterface Interface, byte[] Address)? Resolve(uint network, byte eid)
    {
        for (int depth = 0; depth < 32; depth++)
        {
            MockRoute? route = Routes.FindLast(known => NetworkOf(known) == network && known.First <= eid && eid <= known.Last);
            if (route is null) return null;
            if (route.Gateway == 0)
            {
                if (Interface(route.Interface) is not { } link) return null;
                byte[] address = Neighbours.Find(neighbour => neighbour.Interface == link.Index && neighbour.Eid == eid).Address ?? [];
                return (link, address);
            }

            (network, eid) = (route.GatewayNetwork, route.Gateway);
        }

        return null;
    }
}
