// SPDX-License-Identifier: Apache-2.0
using System.Numerics;

namespace Busbar.Mctp;

/// <summary>
/// The running assemblies of one link, found by source, destination, TO and tag. The table belongs to a link and not to its network,
/// because the packets of a message follow one path (DSP0236), and so that no link can disturb what another brings.
/// </summary>
/// <remarks>Open addressing with linear probing; at most half full, because the number of assemblies on a link has a bound.</remarks>
internal sealed class AssemblyTable
{
    private const uint HashMultiplier = 0x9E37_79B1;

    private static readonly Assembly s_idle = new();

    private readonly int _size;
    private readonly int _shift;
    private readonly Assembly[] _recent;

    // Many links never see a message of several packets, so these are made for the first one.
    private Assembly?[] _slots = [];
    private int[] _perPeer = [];

    public AssemblyTable(int bound, Assembly[] recent)
    {
        _recent = recent;
        _size = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(bound, 8) * 2);
        _shift = 32 - BitOperations.Log2((uint)_size);
        Array.Fill(recent, s_idle);
    }

    public int Count { get; private set; }

    /// <summary>Buffer bytes of all assemblies of the link.</summary>
    public int Bytes { get; set; }

    /// <summary>The size class in which the link's latest long message fitted: where the next one starts.</summary>
    public int LikelyClass { get; set; }

    public Assembly? Oldest { get; private set; }

    private Assembly? Newest { get; set; }

    public int CountOf(int source) => Count == 0 ? 0 : _perPeer[source];

    public Assembly? Find(uint key, in PhysicalAddress sender)
    {
        if (Count == 0) return null;
        Assembly?[] slots = _slots;
        int at = Hash(key);
        while (slots[at] is { } assembly)
        {
            if (assembly.Key == key && IsFrom(assembly, key, sender)) return assembly;
            at = (at + 1) & (slots.Length - 1);
        }

        return null;
    }

    public void Add(Assembly assembly)
    {
        if (_slots.Length == 0)
        {
            _slots = new Assembly?[_size];
            _perPeer = new int[256];
        }

        Assembly?[] slots = _slots;
        int at = Hash(assembly.Key);
        while (slots[at] is not null) at = (at + 1) & (slots.Length - 1);
        slots[at] = assembly;
        Count++;
        Bytes += assembly.Message!.Capacity;
        _perPeer[assembly.Source]++;

        assembly.Older = Newest;
        assembly.Newer = null;
        if (Newest is null) Oldest = assembly;
        else Newest.Newer = assembly;
        Newest = assembly;

        // Several endpoints without an EID look alike in their headers; where only their addresses differ, every packet is looked up.
        if (assembly.Source != 0 || assembly.Message.Address.Length == 0) _recent[(assembly.Key >> 24) & 7] = assembly;
    }

    public void Remove(Assembly assembly)
    {
        Assembly?[] slots = _slots;
        int at = Hash(assembly.Key);
        while (!ReferenceEquals(slots[at], assembly)) at = (at + 1) & (slots.Length - 1);
        CloseGap(at);
        Count--;
        Bytes -= assembly.Message!.Capacity;
        _perPeer[assembly.Source]--;

        if (assembly.Older is null) Oldest = assembly.Newer;
        else assembly.Older.Newer = assembly.Newer;
        if (assembly.Newer is null) Newest = assembly.Older;
        else assembly.Newer.Older = assembly.Older;

        ref Assembly recent = ref _recent[(assembly.Key >> 24) & 7];
        if (ReferenceEquals(recent, assembly)) recent = s_idle;
    }

    public Assembly? OldestOf(int source)
    {
        Assembly? assembly = Oldest;
        while (assembly is not null && assembly.Source != source) assembly = assembly.Newer;
        return assembly;
    }

    private static bool IsFrom(Assembly assembly, uint key, in PhysicalAddress sender) =>
        ((key >> 16) & 0xFF) != 0 || assembly.Message!.Address == sender;

    // The version bits are the same for all.
    private int Hash(uint key) => (int)(((key >> 8) * HashMultiplier) >> _shift);

    // Moves later entries of the run back, so that a search never stops too early.
    private void CloseGap(int gap)
    {
        Assembly?[] slots = _slots;
        int mask = slots.Length - 1;
        int at = gap;
        while (true)
        {
            at = (at + 1) & mask;
            if (slots[at] is not { } assembly) break;
            int home = Hash(assembly.Key);
            if (((at - home) & mask) < ((at - gap) & mask)) continue;
            slots[gap] = assembly;
            gap = at;
        }

        slots[gap] = null;
    }
}
