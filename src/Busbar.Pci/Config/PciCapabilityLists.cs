// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>
/// The two lists of capabilities of a function (PCI Local Bus 3.0, 6.7; PCI Express Base, 7.6.3), as far as they can be followed. A list that loops, leaves its
/// space or points into the header ends there, and the fault is told; what came before it stays usable.
/// </summary>
public sealed class PciCapabilityLists
{
    private const int NextMask = 0xFC;

    private PciCapabilityLists(IReadOnlyList<PciCapability> all, IReadOnlyList<string> faults)
    {
        All = all;
        Faults = faults;
    }

    /// <summary>The capabilities in the order of the lists, the conventional ones first. At most 48 and 960.</summary>
    public IReadOnlyList<PciCapability> All { get; }

    /// <summary>Why a list ended early; empty when both are sound.</summary>
    public IReadOnlyList<string> Faults { get; }

    /// <summary>Follows both lists. Takes a bounded number of steps whatever the image holds.</summary>
    /// <param name="image">The image.</param>
    public static PciCapabilityLists Walk(PciConfigImage image)
    {
        ArgumentNullException.ThrowIfNull(image);
        var found = new List<PciCapability>();
        var faults = new List<string>();
        if (PciHeader.Read(image).IsPresent)
        {
            WalkConventional(image, found, faults);
            WalkExtended(image, found, faults);
        }

        return new PciCapabilityLists(WithExtents(found, image.Length), faults);
    }

    /// <summary>The first conventional capability with an identifier; null when there is none.</summary>
    /// <param name="id">The identifier.</param>
    public PciCapability? Find(PciCapabilityId id) => All.FirstOrDefault(entry => !entry.IsExtended && entry.Id == (int)id);

    /// <summary>The first extended capability with an identifier; null when there is none.</summary>
    /// <param name="id">The identifier.</param>
    public PciCapability? Find(PciExtendedCapabilityId id) => All.FirstOrDefault(entry => entry.IsExtended && entry.Id == (int)id);

    private static void WalkConventional(PciConfigImage image, List<PciCapability> found, List<string> faults)
    {
        if ((PciHeader.Read(image).Status & PciStatuses.CapabilityList) == PciStatuses.None) return;
        int end = Math.Min(image.Length, PciConfigRegisters.ConventionalLength);

        // Without privileges only the header can be read; that is no fault of the device's.
        if (end <= PciConfigRegisters.HeaderEnd) return;
        Span<bool> seen = stackalloc bool[PciConfigRegisters.ConventionalLength];
        int offset = image.Read8(PciConfigRegisters.CapabilityPointer) & NextMask;
        while (offset != 0)
        {
            if (Fault(offset, PciConfigRegisters.HeaderEnd, end, seen, "capability") is { } fault)
            {
                faults.Add(fault);
                return;
            }

            seen[offset] = true;
            int id = image.Read8(offset);
            if (id == byte.MaxValue)
            {
                faults.Add($"capability at 0x{offset:x2} reads all ones: nobody answers");
                return;
            }

            found.Add(new PciCapability(id, offset, 0, IsExtended: false, Version: 0));
            offset = image.Read8(offset + 1) & NextMask;
        }
    }

    private static void WalkExtended(PciConfigImage image, List<PciCapability> found, List<string> faults)
    {
        if (image.Length <= PciConfigRegisters.ConventionalLength) return;
        Span<bool> seen = stackalloc bool[PciConfigRegisters.ExtendedLength];
        int offset = PciConfigRegisters.ConventionalLength;
        while (true)
        {
            uint header = image.Read32(offset);
            bool isFirst = offset == PciConfigRegisters.ConventionalLength;

            // All zeroes or all ones in the first place: there is no list.
            if (isFirst && header is 0 or uint.MaxValue) return;
            if (header == uint.MaxValue)
            {
                faults.Add($"extended capability at 0x{offset:x3} reads all ones: nobody answers");
                return;
            }

            seen[offset] = true;

            // A null entry in front only carries the link: firmware hides capabilities that way.
            if ((header & 0xFFFF) != 0) found.Add(new PciCapability((int)(header & 0xFFFF), offset, 0, IsExtended: true, (int)(header >> 16) & 0xF));
            offset = (int)(header >> 20) & ~3;
            if (offset == 0) return;
            if (Fault(offset, PciConfigRegisters.ConventionalLength, image.Length, seen, "extended capability") is { } fault)
            {
                faults.Add(fault);
                return;
            }
        }
    }

    private static string? Fault(int offset, int first, int end, ReadOnlySpan<bool> seen, string what)
    {
        if (offset < first) return $"{what} pointer 0x{offset:x2} leads into the {(first == PciConfigRegisters.HeaderEnd ? "header" : "conventional space")}";
        if (offset + 4 > end) return $"{what} pointer 0x{offset:x2} leads behind the end, 0x{end:x}";
        return seen[offset] ? $"{what} list loops back to 0x{offset:x2}" : null;
    }

    private static List<PciCapability> WithExtents(List<PciCapability> found, int length)
    {
        int[] starts = [.. found.Select(entry => entry.Offset).Order()];
        var all = new List<PciCapability>(found.Count);
        foreach (PciCapability entry in found)
        {
            int end = entry.IsExtended ? length : Math.Min(length, PciConfigRegisters.ConventionalLength);
            int next = starts[(Array.BinarySearch(starts, entry.Offset) + 1)..].FirstOrDefault(end);
            all.Add(entry with { Extent = Math.Min(next, end) - entry.Offset });
        }

        return all;
    }
}
