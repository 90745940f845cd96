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
    /// <returns>True when the peer is another one, or the same in another life.</returns>
    public bool Refresh()
    {
        int id = -1;
        int vector = 0;
        int generation = 0;
        _usesPage = false;
        if (_page.TryGetPeer(_peerRole, _instance, out int claimed, out int life))
        {
            // A killed peer cannot give its claim back; that the server no longer knows it is how its end shows.
            if (claimed == _client.OwnId || !_client.IsConnected(claimed)) (claimed, life) = (-1, 0);
            (id, generation) = (claimed, life);
            vector = claimed < 0 ? 0 : _page.PeerVector(_peerRole, _instance);
            _usesPage = true;
        }
        else if (_fixedPeer is null && !_page.IsPresent && _client.Peers.Count == 1)
        {
            // Somebody else's driver knows no page. With a single other peer there is no doubt who it is.
            id = _client.Peers.First();
        }

        if (_fixedPeer is { } wanted && wanted != id)
        {
            (id, vector, generation) = (wanted, 0, 0);
            _usesPage = false;
        }

        // Learning the generation of a peer that was only guessed so far, because it had not made the page yet, is no change of peer.
        bool changed = id != PeerId || (generation != PeerGeneration && generation != 0 && PeerGeneration != 0);
        PeerId = id;
        PeerGeneration = generation;
        if (id < 0 || !_client.TryGetDoorbell(id, vector, out _target)) _target = null;
        return changed;
    }
}
