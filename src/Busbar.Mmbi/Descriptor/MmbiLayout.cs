// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Numerics;
using Busbar.Memory;

namespace Busbar.Mmbi;

/// <summary>
/// An owner's plan of its window: the descriptors and where they go. The lower half is the owner's (descriptor, Host_ROS, B2H rings), the
/// upper half the host's (Host_RWS, H2B rings), as in every shipping driver, because hardware protects the halves separately.
/// </summary>
public sealed class MmbiLayout
{
    /// <summary>Fewest bytes of the area around the doorbell byte: hardware that watches for writes needs no more.</summary>
    public const int ShortestDoorbellArea = 8;

    // In version 1.0 the B2H ring follows descriptor and Host_ROS at once.
    private const int LowerPrologue = DescriptorFields.FixedLength + MmbiInstance.StatusLength;

    private readonly Published[] _published;

    private MmbiLayout(MmbiDialect dialect, int windowLength, Published[] published)
    {
        Dialect = dialect;
        WindowLength = windowLength;
        _published = published;
        Placements =
        [
            .. from entry in published
               from instance in entry.Descriptor.Instances
               select MmbiPlacement.Of(instance, entry.Offset),
        ];
    }

    /// <summary>The dialect that the window is laid out for.</summary>
    public MmbiDialect Dialect { get; }

    /// <summary>Bytes of the whole window.</summary>
    public int WindowLength { get; }

    /// <summary>Where each instance lies.</summary>
    public IReadOnlyList<MmbiPlacement> Placements { get; }

    /// <summary>Plans a window.</summary>
    /// <param name="dialect">Whose placement to follow.</param>
    /// <param name="windowLength">Bytes of the window, a multiple of 16.</param>
    /// <param name="instances">How many; what the dialect allows, and for per-instance descriptors a power of two.</param>
    /// <param name="usableLength">
    /// Bytes from the start that may be used, when the window's tail belongs to somebody else; a multiple of 8.
    /// </param>
    /// <param name="interrupts">What to announce; null for the dialect's own.</param>
    /// <param name="doorbellArea">
    /// Bytes that hold the doorbell byte and neither rings nor status structures, a multiple of 8: at the end in version 1.0 of PCIe, at the start, together
    /// with the descriptor, in version 1.1. A page where each access to the watched byte's page is expensive.
    /// </param>
    /// <exception cref="ArgumentException">The dialect does not know that many instances, or they do not fit.</exception>
    public static MmbiLayout Create(
        MmbiDialect dialect,
        int windowLength,
        int instances = 1,
        int? usableLength = null,
        MmbiInterrupts? interrupts = null,
        int doorbellArea = ShortestDoorbellArea)
    {
        ArgumentNullException.ThrowIfNull(dialect);
        int usable = usableLength ?? windowLength;
        if (windowLength % 16 != 0 || windowLength <= 0)
            throw new ArgumentException($"A window of {windowLength} bytes is not a multiple of 16.", nameof(windowLength));
        if (usable % 8 != 0 || usable > windowLength)
            throw new ArgumentException($"Usable {usable} bytes are not a multiple of 8 inside the window.", nameof(usableLength));
        if (doorbellArea < ShortestDoorbellArea || doorbellArea % 8 != 0 || doorbellArea > windowLength / 4)
            throw new ArgumentException($"A doorbell area of {doorbellArea} bytes is not a multiple of 8 up to a quarter of the window.", nameof(doorbellArea));
        if (instances < 1 || instances > dialect.MaximumInstances || (dialect.HasDescriptorPerInstance && !BitOperations.IsPow2(instances)))
            throw new ArgumentException($"{dialect.Name} does not have windows with {instances} instances.", nameof(instances));
        interrupts ??= dialect.Interrupts;
        Published[] published = dialect.HasDescriptorPerInstance ? Slices(dialect, windowLength, instances, usable, interrupts)
            : dialect.Version >= MmbiDialect.V11.Version ? [Slots(dialect, windowLength, instances, usable, interrupts, doorbellArea)]
            : [Halves(dialect, windowLength, usable, interrupts, doorbellArea)];
        foreach (Published entry in published)
        {
            if (entry.Descriptor.Validate(usable - entry.Offset) is not [var fault, ..]) continue;
            string what = $"{dialect.Name} does not fit into {usable} of {windowLength} bytes with {instances} instances ({fault}).";
            throw new ArgumentException(what, nameof(windowLength));
        }

        return new MmbiLayout(dialect, windowLength, published);
    }

    /// <summary>The descriptor that announces an instance.</summary>
    /// <param name="instance">From 0.</param>
    public MmbiDescriptor DescriptorOf(int instance) => Of(instance).Descriptor;

    /// <summary>
    /// Makes the descriptor of an instance stand in the window. Bytes that differ are rewritten behind a cleared signature, and the
    /// signature comes last, so that nobody takes half a descriptor for a whole one; an intact descriptor is only read.
    /// </summary>
    /// <param name="window">The window.</param>
    /// <param name="instance">From 0.</param>
    /// <returns>True when something had to be written.</returns>
    public bool EnsurePublished(SharedRegion window, int instance)
    {
        Published entry = Of(instance);
        if (Matches(window, entry)) return false;
        const int Prologue = 8;
        window.Write32(entry.Offset, 0);
        window.Write32(entry.Offset + 4, 0);
        for (int at = Prologue; at < entry.Image.Length; at += 4) window.Write32(entry.Offset + at, Word(entry, at));
        window.Write32(entry.Offset + 4, Word(entry, 4));
        window.Write32(entry.Offset, Word(entry, 0));
        return true;
    }

    private static bool Matches(SharedRegion window, Published entry)
    {
        for (int at = 0; at < entry.Image.Length; at += 4)
        {
            if (window.Read32(entry.Offset + at) != Word(entry, at)) return false;
        }

        return true;
    }

    private static uint Word(Published entry, int at) => BinaryPrimitives.ReadUInt32LittleEndian(entry.Image.AsSpan(at));

    private Published Of(int instance) => Dialect.HasDescriptorPerInstance ? _published[instance] : _published[0];

    // One instance: each half is one ring behind its status structure; the last 8 bytes hold the doorbell byte.
    private static Published Halves(MmbiDialect dialect, int windowLength, int usable, MmbiInterrupts interrupts, int doorbellArea)
    {
        long half = windowLength / 2;
        long bell = usable - ShortestDoorbellArea;
        var instance = new MmbiInstance(
            new MmbiRing(LowerPrologue, half - LowerPrologue),
            new MmbiRing(half + MmbiInstance.StatusLength, usable - doorbellArea - half - MmbiInstance.StatusLength),
            DescriptorFields.FixedLength,
            half);
        return Publish(dialect, 0, [instance], interrupts, bell);
    }

    // Several instances behind one descriptor: in each half a slot of a power of two per instance, status structure first. Behind the descriptor are eight
    // bytes that hardware can watch for writes.
    private static Published Slots(MmbiDialect dialect, int windowLength, int instances, int usable, MmbiInterrupts interrupts, int doorbellArea)
    {
        long half = windowLength / 2;
        long trigger = DescriptorFields.FixedLength + (DescriptorFields.InstanceLength * (instances - 1));
        long low = Math.Max(trigger + ShortestDoorbellArea, doorbellArea);
        long lowSlot = PowerOfTwoWithin((half - low) / instances);
        long highSlot = PowerOfTwoWithin((usable - half) / instances);
        var list = new MmbiInstance[instances];
        for (int k = 0; k < instances; k++)
        {
            long ros = low + (k * lowSlot);
            long rws = half + (k * highSlot);
            list[k] = new MmbiInstance(
                new MmbiRing(ros + MmbiInstance.StatusLength, lowSlot - MmbiInstance.StatusLength),
                new MmbiRing(rws + MmbiInstance.StatusLength, highSlot - MmbiInstance.StatusLength),
                ros,
                rws);
        }

        return Publish(dialect, 0, list, interrupts, trigger);
    }

    // A descriptor per instance, each at the start of its slice of the lower half; the upper half has slices of the same length.
    private static Published[] Slices(MmbiDialect dialect, int windowLength, int instances, int usable, MmbiInterrupts interrupts)
    {
        long half = windowLength / 2;
        long slice = half / instances;
        long reserved = windowLength - usable;
        var list = new Published[instances];
        for (int k = 0; k < instances; k++)
        {
            var instance = new MmbiInstance(
                new MmbiRing(LowerPrologue, slice - LowerPrologue),
                new MmbiRing(half + MmbiInstance.StatusLength, slice - MmbiInstance.StatusLength - reserved),
                DescriptorFields.FixedLength,
                half);
            list[k] = Publish(dialect, checked((int)(k * slice)), [instance], interrupts, 0);
        }

        return list;
    }

    private static Published Publish(MmbiDialect dialect, int offset, MmbiInstance[] instances, MmbiInterrupts interrupts, long bell)
    {
        long location = interrupts.OwnerLocation ?? (interrupts.OwnerType == MmbiOwnerInterrupt.ByteWrite ? bell : 0);
        var descriptor = new MmbiDescriptor
        {
            Version = dialect.Version,
            Instances = instances,
            Interrupts = interrupts with { OwnerLocation = location },
        };
        byte[] image = new byte[descriptor.Length];
        if (instances.All(instance => instance.OwnerToHost.Length > 0 && instance.HostToOwner.Length > 0)) descriptor.Emit(dialect, image);
        return new Published(offset, descriptor, image);
    }

    private static long PowerOfTwoWithin(long length) => length <= 0 ? 0 : 1L << BitOperations.Log2((ulong)length);

    private sealed record Published(int Offset, MmbiDescriptor Descriptor, byte[] Image);
}
