// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Node;

/// <summary>
/// Doorbells over ivshmem: rings the peer's eventfd, and uses the rendezvous page to learn who the peer is and whether it polls. Without a
/// page (a peer of somebody else's making) every publication rings.
/// </summary>
internal sealed class IvshmemDoorbell : IMmbiDoorbell
{
    private readonly IvshmemClient _client;
    private readonly RendezvousPage _page;
    private readonly RendezvousRole _ownRole;
    private readonly RendezvousRole _peerRole;
    private readonly int _instance;
    private readonly int? _fixedPeer;
    private bool _usesPage;
    private EventFd? _target;

    public IvshmemDoorbell(IvshmemClient client, RendezvousPage page, MmbiRole role, int instance, int? fixedPeer)
    {
        _client = client;
        _page = page;
        _ownRole = role == MmbiRole.Owner ? RendezvousRole.Owner : RendezvousRole.Discoverer;
        _peerRole = role == MmbiRole.Owner ? RendezvousRole.Discoverer : RendezvousRole.Owner;
        _instance = instance;
        _fixedPeer = fixedPeer;
    }

    // Always: the peer may come later, and ringing nobody is harmless.
    public bool CanRing => true;

    public bool CanWake => _client.OwnVectors.Count > 0;

    public bool PeerWantsRing => _target is not null && (!_usesPage || _page.PeerWantsDoorbell(_peerRole, _instance));

    /// <summary>The ivshmem id that is rung now; -1 for none.</summary>
    public int PeerId { get; private set; } = -1;

    /// <summary>The generation of the peer's claim; 0 for none.</summary>
    public int PeerGeneration { get; private set; }

    /// <summary>True once this side holds a slot of the page.</summary>
    public bool HoldsSlot { get; set; }

    public void Ring() => _target?.Ring();

    public void SetWanted(bool wanted)
    {
        if (HoldsSlot) _page.SetWantsDoorbell(_ownRole, _instance, wanted);
    }

    /// <summary>Finds out again who the peer is and which eventfd rings it.</summary>
    /// <returns>True when the peer is gone, another one, or the same in another life.</returns>
    public bool Refresh()
    {
        int id = -1;
        int vector = 0;
        int generation = 0;
        bool usesPage = false;
        if (_page.TryGetPeer(_peerRole, _instance, out int claimed, out int life) && IsOther(claimed) && (_fixedPeer ?? claimed) == claimed)
        {
            (id, generation) = (claimed, life);
            vector = _page.PeerVector(_peerRole, _instance);
            usesPage = true;
        }
        else if (_fixedPeer is { } wanted)
        {
            if (IsOther(wanted)) id = wanted;
        }
        else if (!_page.IsPresent)
        {
            id = GuessPeer();
        }

        // Its claim after the guess that it would be the peer makes no new peer of it.
        bool changed = id != PeerId || (usesPage && _usesPage && generation != PeerGeneration);
        _usesPage = usesPage;
        PeerId = id;
        PeerGeneration = generation;
        if (id < 0 || !_client.TryGetDoorbell(id, vector, out _target)) _target = null;
        return changed;
    }

    // A claim of somebody who is not connected is that of a dead one.
    private bool IsOther(int id) => id != _client.OwnId && _client.IsConnected(id);

    // Somebody else's driver knows no page. With a single other peer there is no doubt who it is; whoever comes later only looks.
    private int GuessPeer()
    {
        if (PeerId >= 0 && IsOther(PeerId)) return PeerId;
        return _client.Peers.Count == 1 ? _client.Peers.First() : -1;
    }
}
