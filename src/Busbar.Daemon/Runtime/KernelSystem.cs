// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>The kernel's AF_MCTP below a daemon, or the harness that stands in for it in tests.</summary>
internal sealed class KernelSystem : IDaemonSystem
{
    private readonly IKernelFacilities _facilities;
    private readonly KernelHost _host;
    private readonly HostApplier _applier;
    private DaemonConfiguration? _applied;

    private KernelSystem(IKernelFacilities facilities, KernelHost host, IMctpSocketSource? sockets)
    {
        _facilities = facilities;
        _host = host;
        Sockets = sockets;
        _applier = new HostApplier(host);
        host.Noted += note => Noted?.Invoke(note);
        host.Changed += FollowLinks;
    }

    /// <inheritdoc/>
    public event Action<ControlNote>? Noted;

    public IMctpHost Host => _host;

    public TimeProvider Time => _host.Time;

    public IMctpSocketSource? Sockets { get; }

    /// <summary>Opens the kernel's sockets.</summary>
    /// <exception cref="HostException">The kernel has no MCTP, or a privilege is missing.</exception>
    public static KernelSystem Open(EventLoop loop, bool offersSockets)
    {
        IKernelFacilities facilities = KernelFacilities.FromEnvironment();
        try
        {
            // Clients' sockets are the real kernel's; a harness has none for them.
            IMctpSocketSource? sockets = offersSockets ? KernelMctp.Open() : null;
            return new KernelSystem(facilities, KernelHost.Open(loop, facilities), sockets);
        }
        catch
        {
            facilities.Dispose();
            throw;
        }
    }

    public StackReport? Counters() => null;

    public LinkStatistics? StatisticsOf(int link) => null;

    public string? DescriptionOf(int link) => null;

    public Task ApplyAsync(DaemonConfiguration? before, DaemonConfiguration now)
    {
        Apply(before, now);
        foreach (LinkSettings settings in now.Links.Where(settings => _host.Links().All(link => link.Name != settings.Name)))
            Noted?.Invoke(new ControlNote(NoteSeverity.Warning, $"there is no interface '{settings.Name}' with MCTP yet; it is configured when it comes"));
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        _host.Changed -= FollowLinks;
        _host.Dispose();
        _facilities.Dispose();
    }

    private void Apply(DaemonConfiguration? before, DaemonConfiguration now)
    {
        _applied = now;
        if (now.Links.Count == 0 && now.Routes.Count == 0 && now.Neighbours.Count == 0 && before is null or { Links.Count: 0, Routes.Count: 0, Neighbours.Count: 0 }) return;
        foreach (HostException refusal in _applier.Apply(before, now)) Noted?.Invoke(new ControlNote(NoteSeverity.Warning, refusal.Message));
    }

    private void FollowLinks(HostChange change)
    {
        if (change.Kind != HostChangeKind.LinkAdded || _applied is not { } applied) return;
        try
        {
            Apply(applied, applied);
        }
        catch (HostException refusal)
        {
            // The kernel would not say what it has; the next link, or the next reading of the configuration, tries again.
            Noted?.Invoke(new ControlNote(NoteSeverity.Warning, $"{change.Link.Name}: not configured: {refusal.Message}"));
        }
    }
}
