// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;

namespace Busbar.Cli;

/// <summary>
/// Tells what changes about the kernel's links and EIDs, in the words of a daemon's changes. The kernel announces more often than something changes, and about interfaces that MCTP
/// does not use; those announcements are left out.
/// </summary>
internal sealed class KernelChanges : IDisposable
{
    private readonly IMctpSystem _system;
    private readonly Action<MonitorLine> _tell;
    private readonly Dictionary<int, State> _known = [];
    private readonly CancellationTokenSource _enough = new();
    private readonly int _most;
    private int _told;

    /// <summary>Begins with nothing known.</summary>
    /// <param name="system">The kernel.</param>
    /// <param name="tell">Gets each change.</param>
    /// <param name="most">How many changes to tell; 0 for no end.</param>
    public KernelChanges(IMctpSystem system, Action<MonitorLine> tell, int most)
    {
        _system = system;
        _tell = tell;
        _most = most;
    }

    /// <summary>Tells them until enough have been told, or it is stopped.</summary>
    public void Follow(CancellationToken stop)
    {
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(stop, _enough.Token);
        _system.Watch(
            datagram =>
            {
                foreach (NetlinkChange change in NetlinkChanges.Read(datagram)) Take(change);
            },
            Learn,
            () => Tell(new MonitorLine { Event = "missed", Message = "announcements came faster than they were read" }),
            end.Token);
    }

    public void Dispose() => _enough.Dispose();

    private void Learn()
    {
        // The table tells nothing of carriers; the first announcement does.
        foreach (HostLink link in _system.Configuration.Links()) _known[link.Index] = new State(link.Name, link.Network, link.IsUp, null, link.Mtu);
        _tell(new MonitorLine { Event = "ready" });
    }

    private void Take(in NetlinkChange change)
    {
        switch (change.Kind)
        {
            case NetlinkChangeKind.LinkSet when change.Link!.Network is { } network:
                Take(change.Interface, new State(change.Link.Name, network, change.Link.IsUp, change.Link.HasCarrier, change.Link.Mtu));
                break;
            case NetlinkChangeKind.LinkSet or NetlinkChangeKind.LinkRemoved:
                if (_known.Remove(change.Interface, out State gone)) Tell(new MonitorLine { Event = "link_removed", Link = gone.Name, Index = change.Interface, Network = gone.Network });
                break;
            default:
                bool isKnown = _known.TryGetValue(change.Interface, out State at);
                Tell(new MonitorLine
                {
                    Event = change.Kind == NetlinkChangeKind.AddressAdded ? "address_added" : "address_removed",
                    Eid = change.Eid,
                    Link = isKnown ? at.Name : null,
                    Index = change.Interface,
                    Network = isKnown ? at.Network : null,
                });
                break;
        }
    }

    private void Take(int index, State now)
    {
        bool isKnown = _known.TryGetValue(index, out State before);
        _known[index] = now;
        if (isKnown && (before == now || (before.Carrier is null && before with { Carrier = now.Carrier } == now))) return;
        Tell(new MonitorLine
        {
            Event = isKnown ? "link_changed" : "link_added",
            Link = now.Name,
            Index = index,
            Network = now.Network,
            Up = now.IsUp,
            Carrier = now.Carrier,
            Mtu = now.Mtu,
        });
    }

    private void Tell(MonitorLine line)
    {
        if (_enough.IsCancellationRequested) return;
        _tell(line);
        if (_most > 0 && ++_told == _most) _enough.Cancel();
    }

    private readonly record struct State(string Name, uint Network, bool IsUp, bool? Carrier, int Mtu);
}
