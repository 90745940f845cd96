// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// The kernel's MCTP as the system of a control plane: configuration by rtnetlink, control messages by AF_MCTP sockets, changes by the kernel's announcements.
/// </summary>
/// <remarks>
/// All members are called in the loop, or before it runs. The kernel does not tell which EID a request was addressed to and chooses the source EID of an answer itself: the first
/// of the outgoing interface. Needs CAP_NET_ADMIN, CAP_NET_BIND_SERVICE and CAP_NET_RAW.
/// </remarks>
public sealed partial class KernelHost : IMctpHost, IDisposable
{
    private readonly EventLoop _loop;
    private readonly IKernelFacilities _facilities;
    private readonly KernelConfiguration _configuration;
    private readonly IMctpDatagrams _requests;
    private readonly LoopWatch _requestWatch;
    private readonly KernelWatch _changes;
    private readonly RestingExchanges _resting;
    private bool _disposed;

    private KernelHost(EventLoop loop, IKernelFacilities facilities, KernelConfiguration configuration, IMctpDatagrams requests)
    {
        _loop = loop;
        _facilities = facilities;
        _configuration = configuration;
        _requests = requests;
        Time = facilities.TimeFor(loop);
        _resting = new RestingExchanges(Time);
        _changes = KernelWatch.Start(loop, facilities, ChangeArrived, ChangesLost);
        _requestWatch = loop.Watch(requests.Descriptor, PollEvents.Readable, TakeRequests);
    }

    /// <inheritdoc/>
    public event Action<HostChange>? Changed;

    /// <inheritdoc/>
    public event ControlRequestHandler? RequestArrived;

    /// <summary>Something that a person who watches wants to read.</summary>
    public event Action<ControlNote>? Noted;

    /// <summary>The clock that belongs to this system: that of the loop, or a test harness's.</summary>
    public TimeProvider Time { get; }

    /// <summary>What was counted.</summary>
    public KernelHostStatistics Statistics { get; } = new();

    internal IKernelFacilities Facilities => _facilities;

    /// <summary>Opens the kernel's MCTP.</summary>
    /// <param name="loop">Where everything runs.</param>
    /// <param name="facilities">The system; it stays the caller's and outlives the host.</param>
    /// <exception cref="HostException">
    /// There is no MCTP, a privilege is missing, or somebody else answers control requests already; the message says which and what to do.
    /// </exception>
    public static KernelHost Open(EventLoop loop, IKernelFacilities facilities)
    {
        ArgumentNullException.ThrowIfNull(loop);
        ArgumentNullException.ThrowIfNull(facilities);
        KernelConfiguration.EnsureMctp(facilities);

        // A harness announces changes to the netlink socket that was opened last; so the one that asks comes first.
        KernelConfiguration? configuration = null;
        IMctpDatagrams? requests = null;
        KernelHost? host = null;
        try
        {
            configuration = KernelConfiguration.Open(facilities);
            requests = OpenForRequests(facilities);
            host = new KernelHost(loop, facilities, configuration, requests);
            host.Read();
            host._unannounced.Clear();
            return host;
        }
        catch
        {
            if (host is not null)
            {
                host.Dispose();
            }
            else
            {
                requests?.Dispose();
                configuration?.Dispose();
            }

            throw;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<HostLink> Links() => [.. _links.Values];

    /// <inheritdoc/>
    public IReadOnlyList<HostAddress> Addresses() => [.. _addresses];

    /// <inheritdoc/>
    public IReadOnlyList<HostRoute> Routes() => _configuration.Routes();

    /// <inheritdoc/>
    public IReadOnlyList<HostNeighbour> Neighbours() => _configuration.Neighbours();

    /// <inheritdoc/>
    public void SetLink(int link, bool? isUp = null, int? mtu = null, uint? network = null)
    {
        try
        {
            _configuration.SetLink(link, isUp, mtu, network);
        }
        finally
        {
            ReadAfterOwnChange();
        }
    }

    /// <inheritdoc/>
    public void AddAddress(int link, Eid eid)
    {
        _configuration.AddAddress(link, eid);
        ReadAfterOwnChange();
    }

    /// <inheritdoc/>
    public void RemoveAddress(int link, Eid eid)
    {
        _configuration.RemoveAddress(link, eid);
        ReadAfterOwnChange();
    }

    /// <inheritdoc/>
    public void AddRoute(in HostRoute route) => _configuration.AddRoute(route);

    /// <inheritdoc/>
    public void RemoveRoute(in HostRoute route)
    {
        EnsureLink(route.Link);
        _configuration.RemoveRoute(route);
    }

    /// <inheritdoc/>
    public void AddNeighbour(in HostNeighbour neighbour) => _configuration.AddNeighbour(neighbour);

    /// <inheritdoc/>
    public void RemoveNeighbour(int link, Eid eid)
    {
        EnsureLink(link);
        _configuration.RemoveNeighbour(link, eid);
    }

    /// <summary>Closes all sockets; what was configured stays. Exchanges that are still open must be disposed first.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _resting.Dispose();
        _requestWatch.Dispose();
        _requests.Dispose();
        _changes.Dispose();
        _configuration.Dispose();
    }

    // What belonged to an interface went with it, and a harness does not take its index any more.
    private void EnsureLink(int link)
    {
        if (link == 0 || _links.ContainsKey(link)) return;
        throw new HostException(HostError.NotFound, $"there is no interface {link}, or it carries no MCTP; what was configured on it went with it");
    }

    private void Note(NoteSeverity severity, string text) => Noted?.Invoke(new ControlNote(severity, text));
}
