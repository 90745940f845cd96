// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>The nine regions of a PCI function in vfio: six BARs, the ROM (never there), configuration space, VGA (never there).</summary>
internal sealed class RegionTable
{
    private readonly IPciFunction _function;

    public RegionTable(IPciFunction function)
    {
        _function = function;
        if (function.ConfigLength is not (256 or 4096))
        {
            throw new ArgumentException($"Configuration space has 256 or 4096 bytes, not {function.ConfigLength}.", nameof(function));
        }

        if (function.Bars.Count != VfioUserFormat.BarCount) throw new ArgumentException("A function names six BARs.", nameof(function));
        for (int bar = 0; bar < VfioUserFormat.BarCount; bar++)
        {
            if (function.Bars[bar] is { } window) Check(bar, window);
        }
    }

    /// <summary>Bytes of a region; 0 when there is none.</summary>
    /// <param name="region">Below <see cref="VfioUserFormat.RegionCount"/>.</param>
    public long LengthOf(uint region) => region switch
    {
        < VfioUserFormat.BarCount => _function.Bars[(int)region]?.Length ?? 0,
        VfioUserFormat.ConfigRegion => _function.ConfigLength,
        _ => 0,
    };

    /// <summary>Why an access cannot be; null when it can.</summary>
    public VfioUserRefusal? Judge(RegionAccessHeader access)
    {
        if (access.Region >= VfioUserFormat.RegionCount) return VfioUserRefusal.BadIndex;
        if (access.Count > VfioUserFormat.LargestTransfer) return VfioUserRefusal.TooLarge;
        if (access.Count == 0) return null;
        ulong length = (ulong)LengthOf(access.Region);
        return access.Offset > length || length - access.Offset < access.Count ? VfioUserRefusal.OutOfRange : null;
    }

    /// <summary>Reads; the access was judged.</summary>
    public void Read(RegionAccessHeader access, Span<byte> data)
    {
        if (data.IsEmpty) return;
        if (access.Region == VfioUserFormat.ConfigRegion) _function.ReadConfig((int)access.Offset, data);
        else _function.ReadBar((int)access.Region, (long)access.Offset, data);
    }

    /// <summary>Writes; the access was judged.</summary>
    public void Write(RegionAccessHeader access, ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty) return;
        if (access.Region == VfioUserFormat.ConfigRegion) _function.WriteConfig((int)access.Offset, data);
        else _function.WriteBar((int)access.Region, (long)access.Offset, data);
    }

    /// <summary>Bytes of the whole answer to a question about a region.</summary>
    /// <param name="region">Below <see cref="VfioUserFormat.RegionCount"/>.</param>
    /// <param name="mayMap">False when the client takes no descriptors.</param>
    public int InfoLengthOf(uint region, bool mayMap)
    {
        int areas = mayMap ? AreasOf(region).Count : 0;
        return VfioUserFormat.RegionInfoLength
            + (areas == 0 ? 0 : VfioUserFormat.SparseMmapLength + (areas * VfioUserFormat.SparseMmapAreaLength));
    }

    /// <summary>Writes the answer.</summary>
    /// <param name="region">Below <see cref="VfioUserFormat.RegionCount"/>.</param>
    /// <param name="mayMap">False when the client takes no descriptors.</param>
    /// <param name="answer">
    /// Of <see cref="InfoLengthOf"/> bytes, or of 32 for a client that has not asked for more: it then learns the size to ask for. The flag for capabilities must
    /// not be set in that short answer.
    /// </param>
    /// <returns>The descriptor to send along with an answer that names mappable areas.</returns>
    public FileDescriptor? WriteInfo(uint region, bool mayMap, Span<byte> answer)
    {
        int whole = InfoLengthOf(region, mayMap);
        bool isWhole = answer.Length == whole;
        IReadOnlyList<PciMappableArea> areas = mayMap ? AreasOf(region) : [];
        long length = LengthOf(region);
        uint flags = length == 0 ? 0 : VfioUserFormat.RegionReadable | VfioUserFormat.RegionWritable;
        if (areas.Count > 0) flags |= VfioUserFormat.RegionMappable | (isWhole ? VfioUserFormat.RegionHasCapabilities : 0);
        uint capabilities = isWhole && areas.Count > 0 ? VfioUserFormat.RegionInfoLength : 0u;
        new RegionInfoHeader((uint)whole, flags, region, capabilities, (ulong)length, 0).Write(answer);
        if (capabilities == 0) return null;

        Span<byte> sparse = answer[VfioUserFormat.RegionInfoLength..];
        BinaryPrimitives.WriteUInt16LittleEndian(sparse, VfioUserFormat.SparseMmapCapability);
        BinaryPrimitives.WriteUInt16LittleEndian(sparse[2..], 1);
        BinaryPrimitives.WriteUInt32LittleEndian(sparse[4..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(sparse[8..], (uint)areas.Count);
        BinaryPrimitives.WriteUInt32LittleEndian(sparse[12..], 0);
        for (int i = 0; i < areas.Count; i++)
        {
            Span<byte> area = sparse[(VfioUserFormat.SparseMmapLength + (i * VfioUserFormat.SparseMmapAreaLength))..];
            BinaryPrimitives.WriteInt64LittleEndian(area, areas[i].Offset);
            BinaryPrimitives.WriteInt64LittleEndian(area[8..], areas[i].Length);
        }

        return _function.Bars[(int)region]!.Memory!.Descriptor;
    }

    private IReadOnlyList<PciMappableArea> AreasOf(uint region) =>
        region < VfioUserFormat.BarCount && _function.Bars[(int)region] is { Memory: not null } window ? window.Mappable : [];

    // A mistake here would let the guest see memory that is not the window's, so it is the programmer's exception, not the guest's.
    private static void Check(int bar, PciFunctionBar window)
    {
        if (window.Mappable.Count > 0 && window.Memory is null) throw new ArgumentException($"BAR {bar} has mappable areas and no memory.");
        long end = 0;
        long limit = Math.Min(window.Length, window.Memory?.Size ?? 0);
        foreach (PciMappableArea area in window.Mappable)
        {
            bool aligned = area.Offset % VfioUserFormat.PageSize == 0 && area.Length % VfioUserFormat.PageSize == 0;
            if (!aligned || area.Offset < end || area.Length <= 0 || area.Offset > limit - area.Length)
            {
                throw new ArgumentException($"BAR {bar}: mappable areas are whole pages of the memory, ascending and disjoint.");
            }

            end = area.Offset + area.Length;
        }
    }
}
