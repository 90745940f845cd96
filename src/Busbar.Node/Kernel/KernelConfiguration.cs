// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>The kernel's MCTP configuration: rtnetlink behind the words of the control plane. Each question asks the kernel anew.</summary>
public sealed class KernelConfiguration : IMctpConfiguration, IDisposable
{
    // What each endpoint must take (DSP0236, baseline transmission unit, and its header), for interfaces that name no minimum.
    private const int BaselineMtu = 68;

    private readonly IKernelFacilities _facilities;
    private readonly MctpNetlink _netlink;
    private readonly bool _ownsFacilities;
    private readonly Dictionary<int, (string Name, string? Path)> _devices = [];

    private KernelConfiguration(IKernelFacilities facilities, MctpNetlink netlink, bool ownsFacilities)
    {
        _facilities = facilities;
        _netlink = netlink;
        _ownsFacilities = ownsFacilities;
    }

    /// <summary>Hears every datagram of rtnetlink that answers a question or a change, before it is read; for those who want to see the bytes.</summary>
    public NetlinkMessageHandler? Heard
    {
        get => _netlink.Heard;
        set => _netlink.Heard = value;
    }

    /// <summary>Opens the configuration of this system, or of the test harness that the environment names.</summary>
    /// <param name="requireMctp">Refuses a kernel without MCTP at once; otherwise such a kernel just has no links.</param>
    /// <exception cref="HostException">There is no MCTP, or no rtnetlink.</exception>
    public static KernelConfiguration Open(bool requireMctp = true)
    {
        IKernelFacilities facilities = KernelFacilities.FromEnvironment();
        try
        {
            if (requireMctp) EnsureMctp(facilities);
            return Open(facilities, ownsFacilities: true);
        }
        catch
        {
            facilities.Dispose();
            throw;
        }
    }

    /// <summary>Opens the configuration behind facilities, which stay the caller's.</summary>
    /// <param name="facilities">The system.</param>
    /// <exception cref="HostException">There is no rtnetlink.</exception>
    public static KernelConfiguration Open(IKernelFacilities facilities)
    {
        ArgumentNullException.ThrowIfNull(facilities);
        return Open(facilities, ownsFacilities: false);
    }

    /// <summary>Begins to hand out the kernel's announcements about links and addresses.</summary>
    /// <param name="loop">Where the callbacks run.</param>
    /// <param name="arrived">Gets each datagram as it is.</param>
    /// <param name="lost">See <see cref="KernelWatch.Start"/>.</param>
    /// <returns>Dispose it to end.</returns>
    /// <exception cref="HostException">The system does not let us listen.</exception>
    public KernelWatch Watch(EventLoop loop, NetlinkMessageHandler arrived, Action<Errno> lost) => KernelWatch.Start(loop, _facilities, arrived, lost);

    /// <inheritdoc/>
    public IReadOnlyList<HostLink> Links() => Ask("reading the interfaces", () => _netlink.Links()).OrderBy(link => link.Index).Select(ToHost).ToList();

    /// <inheritdoc/>
    public IReadOnlyList<HostAddress> Addresses() =>
        Ask("reading the EIDs", () => _netlink.Addresses()).Select(address => new HostAddress(address.Interface, new Eid(address.Eid))).ToList();

    /// <inheritdoc/>
    /// <remarks>With those that the kernel makes for its own EIDs (<see cref="HostRoute.IsLocal"/>).</remarks>
    public IReadOnlyList<HostRoute> Routes()
    {
        IReadOnlyList<NetlinkRoute> routes = Ask("reading the routes", () => _netlink.Routes());
        if (routes.Count == 0) return [];
        Dictionary<int, uint> networks = Ask("reading the interfaces", () => _netlink.Links()).ToDictionary(link => link.Index, link => link.Network ?? 0);
        return routes.Select(route => ToHost(route, networks)).ToList();
    }

    /// <inheritdoc/>
    public IReadOnlyList<HostNeighbour> Neighbours() => Ask("reading the neighbours", () => _netlink.Neighbours())
        .Where(neighbour => neighbour.HardwareAddress.Length <= PhysicalAddress.MaximumLength)
        .Select(neighbour => new HostNeighbour(neighbour.Interface, new Eid(neighbour.Eid), new PhysicalAddress(neighbour.HardwareAddress.Span)))
        .ToList();

    /// <inheritdoc/>
    public void SetLink(int link, bool? isUp = null, int? mtu = null, uint? network = null)
    {
        // What is taken down changes nothing while it is used, and what comes up is ready.
        if (isUp == false) Do($"taking {Name(link)} down", () => _netlink.SetUp(link, isUp: false));
        if (network is { } number) Do($"setting network {number} on {Name(link)}", () => _netlink.SetNetwork(link, number));
        if (mtu is { } bytes) Do($"setting MTU {bytes} on {Name(link)}", () => _netlink.SetMtu(link, bytes));
        if (isUp == true) Do($"bringing {Name(link)} up", () => _netlink.SetUp(link, isUp: true));
    }

    /// <inheritdoc/>
    public void AddAddress(int link, Eid eid) => Do($"adding EID {eid} to {Name(link)}", () => _netlink.AddAddress(new NetlinkAddress(link, eid.Value)));

    /// <inheritdoc/>
    public void RemoveAddress(int link, Eid eid) => Do($"removing EID {eid} from {Name(link)}", () => _netlink.RemoveAddress(new NetlinkAddress(link, eid.Value)));

    /// <inheritdoc/>
    public void AddRoute(in HostRoute route)
    {
        NetlinkRoute entry = ToKernel(route);
        Do($"adding a route to EID {Describe(route)}", () => _netlink.AddRoute(entry));
    }

    /// <inheritdoc/>
    public void RemoveRoute(in HostRoute route)
    {
        NetlinkRoute entry = ToKernel(route);
        Do($"removing the route to EID {Describe(route)}", () => _netlink.RemoveRoute(entry));
    }

    /// <inheritdoc/>
    public void AddNeighbour(in HostNeighbour neighbour)
    {
        byte[] address = new byte[neighbour.Address.Length];
        neighbour.Address.CopyTo(address);
        var entry = new NetlinkNeighbour(neighbour.Link, neighbour.Eid.Value, address);
        Do($"adding neighbour {neighbour.Eid} at '{neighbour.Address}' on {Name(neighbour.Link)}", () => _netlink.AddNeighbour(entry));
    }

    /// <inheritdoc/>
    public void RemoveNeighbour(int link, Eid eid) =>
        Do($"removing neighbour {eid} from {Name(link)}", () => _netlink.RemoveNeighbour(new NetlinkNeighbour(link, eid.Value, default)));

    /// <summary>Closes the sockets; what was configured stays.</summary>
    public void Dispose()
    {
        _netlink.Dispose();
        if (_ownsFacilities) _facilities.Dispose();
    }

    internal static void EnsureMctp(IKernelFacilities facilities)
    {
        if (facilities is SystemFacilities && !MctpKernelSocket.IsSupported) throw new HostException(HostError.NotSupported, KernelRefusals.NoMctp);
    }

    private static KernelConfiguration Open(IKernelFacilities facilities, bool ownsFacilities)
    {
        try
        {
            return new KernelConfiguration(facilities, new MctpNetlink(facilities.OpenNetlink()), ownsFacilities);
        }
        catch (LinuxException failure)
        {
            throw KernelRefusals.Of(failure, "opening an rtnetlink socket");
        }
    }

    private static HostRoute ToHost(in NetlinkRoute route, Dictionary<int, uint> networks)
    {
        uint network = route.Gateway != 0 ? route.GatewayNetwork : networks.GetValueOrDefault(route.Interface);
        int mtu = (int)Math.Min(route.Mtu, int.MaxValue);
        return new HostRoute(new Eid(route.First), new Eid(route.Last), route.Gateway != 0 ? 0 : route.Interface, new Eid(route.Gateway), network, mtu)
        {
            IsLocal = route.IsLocal,
        };
    }

    private static NetlinkRoute ToKernel(in HostRoute route)
    {
        if (route.Last.Value < route.First.Value)
            throw new HostException(HostError.Invalid, $"the last EID of a route, {route.Last}, lies before its first, {route.First}");
        if ((route.Link != 0) == (route.Gateway != Eid.Null))
            throw new HostException(HostError.Invalid, $"the route to EID {Describe(route)} needs an interface or a gateway, and not both");
        return new NetlinkRoute
        {
            First = route.First.Value,
            Last = route.Last.Value,
            Interface = route.Link,
            Gateway = route.Gateway.Value,
            GatewayNetwork = route.Network,
            Mtu = (uint)Math.Max(0, route.Mtu),
        };
    }

    private static string Describe(in HostRoute route) => route.First == route.Last
        ? route.First.ToString()
        : string.Create(CultureInfo.InvariantCulture, $"{route.First}-{route.Last}");

    private static T Ask<T>(string what, Func<T> ask)
    {
        try
        {
            return ask();
        }
        catch (LinuxException failure)
        {
            throw KernelRefusals.Of(failure, what);
        }
    }

    private static void Do(string what, Action change)
    {
        try
        {
            change();
        }
        catch (LinuxException failure)
        {
            throw KernelRefusals.Of(failure, what);
        }
    }

    private HostLink ToHost(NetlinkLink link)
    {
        int least = link.MinimumMtu > 0 ? link.MinimumMtu : BaselineMtu;
        int most = link.MaximumMtu > 0 ? link.MaximumMtu : Math.Max(link.Mtu, ushort.MaxValue);
        var address = new PhysicalAddress(link.HardwareAddress.Span);
        return new HostLink(link.Index, link.Name, link.Network ?? 0, address, link.Mtu, least, most, link.IsUp, (PhysicalBinding)(link.Binding ?? 0))
        {
            DevicePath = DevicePath(link),
        };
    }

    // A device does not move while its interface lives; asking again at each look would only cost.
    private string? DevicePath(NetlinkLink link)
    {
        if (_devices.TryGetValue(link.Index, out (string Name, string? Path) known) && known.Name == link.Name) return known.Path;
        string? path = Ask($"asking for the device of {link.Name}", () => _facilities.DevicePath(link.Name));
        _devices[link.Index] = (link.Name, path);
        return path;
    }

    private string Name(int link) => _devices.TryGetValue(link, out (string Name, string? Path) known) ? known.Name : $"interface {link}";
}
