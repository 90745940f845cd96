// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>
/// The last 4 KiB of an ivshmem window, where the two ends of each link find out who the other is: a guest cannot learn that from its
/// device, and a restart changes it. The layout is in docs/ivshmem-rendezvous.md.
/// </summary>
/// <remarks>
/// <para>
/// Everything read from the page is anybody's word: it is masked and checked, and at worst leads to a doorbell rung in vain. Owners lay
/// the page out; discoverers write to it only while its magic is there.
/// </para>
/// <para>One object per process and link or several, each used by one thread at a time.</para>
/// </remarks>
public sealed class RendezvousPage
{
    /// <summary>Bytes at the end of the window.</summary>
    public const int Size = 4096;

    /// <summary>Links that can share one window.</summary>
    public const int Instances = 8;

    // Page header.
    private const int MagicOffset = 0;
    private const int VersionOffset = 4;
    private const uint Magic = 0x5652_4242; // "BBRV" in memory
    private const uint LayoutVersion = 1;

    // While a page is laid out its magic is this, with the peer id of whoever does it in the low half.
    private const uint FormattingMark = 0xbb5f_0000;
    private const uint FormattingMask = 0xffff_0000;

    // Slots: owners' eight, then discoverers' eight.
    private const int FirstSlot = 0x400;
    private const int SlotSize = 64;
    private const int HolderOffset = 0;
    private const int WantsDoorbellOffset = 4;
    private const int VectorOffset = 8;
    private const int BeatOffset = 12;

    // Holder word: peer id + 1 in 16:0 (0: free), generation in 31:17. One word, so that both are always of one moment.
    private const uint PeerMask = 0x1ffff;
    private const int GenerationShift = 17;

    private readonly SharedRegion _window;
    private readonly int _page;

    // What we wrote into each slot that we hold; 0 where we hold none.
    private readonly uint[] _claims = new uint[2 * Instances];

    /// <summary>Looks at the page of a window; touches nothing.</summary>
    /// <param name="window">The whole window, at least two pages.</param>
    /// <exception cref="ArgumentException">The window is too small to spare a page.</exception>
    public RendezvousPage(SharedRegion window)
    {
        if (window.Length < 2 * Size) throw new ArgumentException($"A window of {window.Length} bytes has no page to spare for the rendezvous.", nameof(window));
        _window = window;
        _page = (window.Length - Size) & ~(SlotSize - 1);
    }

    /// <summary>Bytes of the window before the page: what links may use.</summary>
    public int UsableLength => _page;

    /// <summary>True when the magic and our version of the layout are there.</summary>
    public bool IsPresent => _window.Read32(_page + MagicOffset) == Magic && _window.Read32(_page + VersionOffset) == LayoutVersion;

    /// <summary>Lays the page out unless it is there already. For owners only; the magic is written last.</summary>
    /// <param name="ownId">Our peer id.</param>
    /// <param name="isConnected">Tells whether a peer is connected now, everything the server has said included.</param>
    public RendezvousFormat TryFormat(int ownId, Func<int, bool> isConnected)
    {
        EnsurePeerId(ownId);
        uint seen = _window.Read32(_page + MagicOffset);
        if (seen == Magic) return _window.Read32(_page + VersionOffset) == LayoutVersion ? RendezvousFormat.Ready : RendezvousFormat.Incompatible;

        // Two owners of different instances may start together; the second to lay the page out would wipe the first one's claim. So the
        // layout itself is claimed, and a claim whose maker died over it is void.
        if ((seen & FormattingMask) == FormattingMark)
        {
            int maker = (int)(seen & ~FormattingMask);
            if (maker != ownId && isConnected(maker)) return RendezvousFormat.Busy;
        }

        uint mark = FormattingMark | (uint)ownId;
        if (_window.CompareExchange32(_page + MagicOffset, mark, seen) != seen) return RendezvousFormat.Busy;
        _window.Clear(_page + VersionOffset, Size - VersionOffset);
        _window.Write32(_page + VersionOffset, LayoutVersion);
        return _window.CompareExchange32(_page + MagicOffset, Magic, mark) == mark ? RendezvousFormat.Ready : RendezvousFormat.Busy;
    }

    /// <summary>Takes a role in an instance, if nobody who lives has it.</summary>
    /// <param name="role">The role.</param>
    /// <param name="instance">0 to 7.</param>
    /// <param name="ownId">Our peer id, 0 to 65535.</param>
    /// <param name="vector">The doorbell of ours that the other end rings, 0 to 63.</param>
    /// <param name="isConnected">
    /// Tells whether a peer is connected now. It must read everything that the server has said first: a server announces a peer to the
    /// others before that peer can claim anything, so a holder that is unknown then is dead.
    /// </param>
    /// <returns>
    /// False when the page is not there, or the role is held, or somebody else took it in the same moment. Claiming what this object holds succeeds.
    /// </returns>
    public bool TryClaim(RendezvousRole role, int instance, int ownId, int vector, Func<int, bool> isConnected)
    {
        int slot = SlotOf(role, instance);
        EnsurePeerId(ownId);
        ArgumentOutOfRangeException.ThrowIfNegative(vector);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(vector, IvshmemProtocol.MostVectors);
        if (!IsPresent) return false;
        uint seen = _window.Read32(slot + HolderOffset);
        ref uint claim = ref _claims[IndexOf(role, instance)];
        if (claim != 0 && seen == claim) return true;

        // Our own id under somebody else's claim is a leftover of a former holder of the id: ids are unique among the living.
        if (TryDecode(seen, out int holder, out int generation) && holder != ownId && isConnected(holder)) return false;
        uint mine = ((uint)(generation + 1) << GenerationShift) | (uint)(ownId + 1);
        if (_window.CompareExchange32(slot + HolderOffset, mine, seen) != seen) return false;
        claim = mine;
        SignOfLife(role, instance);

        // The vector before the wish: whoever sees the wish sees the vector that goes with it.
        _window.Write32(slot + VectorOffset, (uint)vector);
        _window.Write32(slot + WantsDoorbellOffset, 1);
        return true;
    }

    /// <summary>True while the slot still says what our claim wrote: nobody has taken us for dead.</summary>
    /// <param name="role">The role.</param>
    /// <param name="instance">0 to 7.</param>
    public bool IsHeld(RendezvousRole role, int instance)
    {
        uint claim = _claims[IndexOf(role, instance)];
        return claim != 0 && _window.Read32(SlotOf(role, instance) + HolderOffset) == claim;
    }

    /// <summary>Gives a role back; the generation stays for the next holder to count on. Does nothing when it is not ours.</summary>
    /// <param name="role">The role.</param>
    /// <param name="instance">0 to 7.</param>
    public void Release(RendezvousRole role, int instance)
    {
        int slot = SlotOf(role, instance);
        ref uint claim = ref _claims[IndexOf(role, instance)];
        if (claim == 0) return;
        _window.CompareExchange32(slot + HolderOffset, claim & ~PeerMask, claim);
        claim = 0;
    }

    /// <summary>Finds who holds a role. Allocates nothing.</summary>
    /// <param name="role">The role.</param>
    /// <param name="instance">0 to 7.</param>
    /// <param name="peerId">Its peer id, 0 to 65535; whether such a peer is connected is another question.</param>
    /// <param name="generation">0 to 32767; another one than before means that the holder changed or restarted.</param>
    /// <returns>False when the page is not there or the role is free.</returns>
    public bool TryGetPeer(RendezvousRole role, int instance, out int peerId, out int generation)
    {
        int slot = SlotOf(role, instance);
        if (IsPresent) return TryDecode(_window.Read32(slot + HolderOffset), out peerId, out generation);
        peerId = -1;
        generation = 0;
        return false;
    }

    /// <summary>The doorbell that a role's holder wants to be rung on, 0 to 63. Read it when about to ring, not once for all.</summary>
    /// <param name="role">The role.</param>
    /// <param name="instance">0 to 7.</param>
    public int PeerVector(RendezvousRole role, int instance) =>
        (int)(_window.Read32(SlotOf(role, instance) + VectorOffset) & (IvshmemProtocol.MostVectors - 1));

    /// <summary>
    /// Says whether we want to be rung: true before sleeping (then a full fence, then another look at the rings), false while polling.
    /// Does nothing unless our claim stands.
    /// </summary>
    /// <param name="role">Our role.</param>
    /// <param name="instance">0 to 7.</param>
    /// <param name="wanted">False lets the other end save its doorbells.</param>
    public void SetWantsDoorbell(RendezvousRole role, int instance, bool wanted)
    {
        if (IsHeld(role, instance)) _window.Write32(SlotOf(role, instance) + WantsDoorbellOffset, wanted ? 1u : 0u);
    }

    /// <summary>Tells whether a role's holder wants to be rung: one read. Anything but a plain zero means yes.</summary>
    /// <param name="role">The other end's role.</param>
    /// <param name="instance">0 to 7.</param>
    public bool PeerWantsDoorbell(RendezvousRole role, int instance) => _window.Read32(SlotOf(role, instance) + WantsDoorbellOffset) != 0;

    /// <summary>
    /// Gives a sign of life; every half second at the latest. It tells those who cannot see connections (drivers in guests) that we are there. Does nothing
    /// unless our claim stands.
    /// </summary>
    /// <param name="role">Our role.</param>
    /// <param name="instance">0 to 7.</param>
    public void SignOfLife(RendezvousRole role, int instance)
    {
        if (!IsHeld(role, instance)) return;
        int place = SlotOf(role, instance) + BeatOffset;
        uint next = _window.Read32(place) + 1;

        // Zero says that a holder does not beat.
        _window.Write32(place, next == 0 ? 1 : next);
    }

    internal uint Beat(RendezvousRole role, int instance) => _window.Read32(SlotOf(role, instance) + BeatOffset);

    /// <summary>What moves while a role's holder lives: its claim and its beat.</summary>
    internal ulong Pulse(RendezvousRole role, int instance) =>
        ((ulong)_window.Read32(SlotOf(role, instance) + HolderOffset) << 32) | Beat(role, instance);

    private static int IndexOf(RendezvousRole role, int instance)
    {
        if ((uint)role > 1) throw new ArgumentOutOfRangeException(nameof(role));
        if ((uint)instance >= Instances) throw new ArgumentOutOfRangeException(nameof(instance), instance, "A window has instances 0 to 7.");
        return ((int)role * Instances) + instance;
    }

    private static void EnsurePeerId(int id)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(id);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(id, IvshmemProtocol.LargestPeerId);
    }

    private static bool TryDecode(uint holder, out int peerId, out int generation)
    {
        generation = (int)(holder >> GenerationShift);
        peerId = (int)(holder & PeerMask) - 1;
        return peerId is >= 0 and <= IvshmemProtocol.LargestPeerId;
    }

    private int SlotOf(RendezvousRole role, int instance) => _page + FirstSlot + (IndexOf(role, instance) * SlotSize);
}
