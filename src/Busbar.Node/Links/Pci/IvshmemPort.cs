// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Busbar.Mmbi;
using Busbar.Pci;

namespace Busbar.Node;

/// <summary>
/// Doorbells through the registers of QEMU's ivshmem device (its BAR 0: IVPosition at 8, Doorbell at 12). A guest is not told who is connected, so the
/// peer is who claims the role in the rendezvous page and gives signs of life there.
/// </summary>
internal sealed class IvshmemPort : IMmbiDoorbell
{
    public const int PositionRegister = 0x08;
    public const int DoorbellRegister = 0x0C;
    public const int Length = 0x10;

    private readonly SharedRegion _registers;
    private readonly RendezvousPage _page;
    private readonly RendezvousRole _ownRole;
    private readonly RendezvousRole _peerRole;
    private readonly int _instance;
    private readonly int? _fixedPeer;
    private readonly RendezvousLiveness _peerLife;
    private bool _usesPage;

    public IvshmemPort(SharedRegion registers, RendezvousPage page, MmbiRole role, int instance, int? fixedPeer, bool canWake)
    {
        (_registers, _page, _instance, _fixedPeer, CanWake) = (registers, page, instance, fixedPeer, canWake);
        (_ownRole, _peerRole) = role == MmbiRole.Owner
            ? (RendezvousRole.Owner, RendezvousRole.Discoverer)
            : (RendezvousRole.Discoverer, RendezvousRole.Owner);
        _peerLife = new RendezvousLiveness(page, _peerRole, instance);
    }

    public bool CanRing => true;

    public bool CanWake { get; }

    public bool PeerWantsRing => PeerId >= 0 && (!_usesPage || _page.PeerWantsDoorbell(_peerRole, _instance));

    /// <summary>Our id; negative when the device has none to tell, or is gone.</summary>
    public int OwnId => (int)_registers.Read32(PositionRegister) is var id and >= 0 and <= IvshmemProtocol.LargestPeerId ? id : -1;

    /// <summary>Who is rung; -1 for nobody.</summary>
    public int PeerId { get; private set; } = -1;

    /// <summary>True once this side holds a slot of the page.</summary>
    public bool HoldsSlot { get; set; }

    private int PeerGeneration { get; set; }

    // The vector is read now: a new holder is not rung on its predecessor's.
    public void Ring()
    {
        int vector = _usesPage ? _page.PeerVector(_peerRole, _instance) : 0;
        if (PeerId >= 0) _registers.Write32(DoorbellRegister, ((uint)PeerId << 16) | (uint)vector);
    }

    // Where no interrupt can arrive, the other end saves its doorbells.
    public void SetWanted(bool wanted)
    {
        if (HoldsSlot) _page.SetWantsDoorbell(_ownRole, _instance, wanted && CanWake);
    }

    /// <summary>Finds out again who the peer is.</summary>
    /// <returns>True when it is gone, another one, or the same in another life.</returns>
    public bool Refresh(long now)
    {
        (int id, int generation, bool usesPage) = (-1, 0, false);
        bool lives = _peerLife.IsAlive(now);
        if (lives && _page.TryGetPeer(_peerRole, _instance, out int claimed, out int life) && (_fixedPeer ?? claimed) == claimed)
            (id, generation, usesPage) = (claimed, life, true);
        else if (_fixedPeer is { } wanted && (lives || !_page.IsPresent))
            id = wanted;
        bool changed = id != PeerId || (usesPage && _usesPage && generation != PeerGeneration);
        (_usesPage, PeerId, PeerGeneration) = (usesPage, id, generation);
        return changed;
    }
}
