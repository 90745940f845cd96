// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics.CodeAnalysis;

namespace Busbar.Mmbi;

/// <summary>
/// One of the incompatible readings of DSP0282 that are in the field, as data. The engine is the same for all; it asks this object when a
/// channel is built and then works with plain numbers.
/// </summary>
public sealed record MmbiDialect
{
    private MmbiDialect()
    {
    }

    /// <summary>
    /// DSP0282 1.1: big-endian descriptor with byte offsets, 1 to 7 instances behind one descriptor, big-endian packet lengths without the
    /// header, pointers wrap to 0. Shown by the 2026 generation of the AST2700 drivers (aspeed-mmbi). The default.
    /// </summary>
    public static MmbiDialect V11 { get; } = new()
    {
        Name = "v1.1",
        Version = 2,
        IsBigEndianDescriptor = true,
        AddressUnit = 1,
        HeaderFormat = MmbiHeaderFormat.BigEndianPayload,
        MaximumInstances = 7,
        OwnerClearsHostStatus = true,
        Interrupts = new MmbiInterrupts(MmbiHostInterrupt.Pcie, 0, 0, MmbiOwnerInterrupt.InBand, OwnerValue: 0),
    };

    /// <summary>
    /// DSP0282 1.0 as the 2024 generation of the AST2700 PCIe drivers reads it (aspeed-host-bmc-dev, aspeed-pcie-mmbi): little endian,
    /// addresses in units of 8 bytes, packet lengths with the header, a pointer may stand on the ring's end.
    /// </summary>
    public static MmbiDialect V10Aspeed { get; } = new()
    {
        Name = "v1.0-aspeed",
        Version = 1,
        AddressUnit = 8,
        HeaderFormat = MmbiHeaderFormat.LittleEndianWhole,
        PointerReachesEnd = true,
        MaximumInstances = 1,
        OwnerClearsHostStatus = true,
        RingsAfterRead = true,
        Interrupts = new MmbiInterrupts(MmbiHostInterrupt.Pcie, 0, 0, MmbiOwnerInterrupt.ByteWrite, OwnerValue: 0xC6),
    };

    /// <summary>
    /// DSP0282 1.0 as the eSPI driver for the AST2700 reads it (ast2700-intel-espi-mmbi): little endian, addresses in units of 8 bytes,
    /// packet lengths without the header, a pointer may stand on the ring's end, up to 8 instances with a descriptor each.
    /// </summary>
    public static MmbiDialect V10Espi { get; } = new()
    {
        Name = "v1.0-espi",
        Version = 1,
        AddressUnit = 8,
        HeaderFormat = MmbiHeaderFormat.LittleEndianPayload,
        PointerReachesEnd = true,
        HasDescriptorPerInstance = true,
        MaximumInstances = 8,
        Interrupts = new MmbiInterrupts(MmbiHostInterrupt.VirtualWire, 0x06, 0x11, MmbiOwnerInterrupt.None, OwnerValue: 0),
    };

    /// <summary>Every dialect that the engine speaks, the default first.</summary>
    public static IReadOnlyList<MmbiDialect> All { get; } = [V11, V10Aspeed, V10Espi];

    /// <summary>What users call it, for instance <c>v1.1</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Descriptor byte 6: 1 for DSP0282 1.0, 2 for 1.1.</summary>
    public required byte Version { get; init; }

    /// <summary>True when the dwords of the descriptor have their most significant byte first.</summary>
    public bool IsBigEndianDescriptor { get; init; }

    /// <summary>Bytes that an address of 1 in the descriptor stands for: 1 or 8. Lengths are bytes in every dialect.</summary>
    public required int AddressUnit { get; init; }

    /// <summary>How packet headers are encoded.</summary>
    public required MmbiHeaderFormat HeaderFormat { get; init; }

    /// <summary>
    /// True when a pointer that lands exactly on the ring's end keeps the ring's length as its value; false when it becomes 0. A reader of
    /// the first kind of writer must do the same: published as 0, such a writer sees no free space and stalls.
    /// </summary>
    public bool PointerReachesEnd { get; init; }

    /// <summary>
    /// True when each instance has its own descriptor in its own slice of the window; false when one descriptor lists all.
    /// </summary>
    public bool HasDescriptorPerInstance { get; init; }

    /// <summary>How many instances a window can hold.</summary>
    public required int MaximumInstances { get; init; }

    /// <summary>True when the owner zeroes Host_RWS on re-initialisation; false when it expects the host to do it first.</summary>
    public bool OwnerClearsHostStatus { get; init; }

    /// <summary>
    /// True when peers may stall without a doorbell after packets were consumed (aspeed-host-bmc-dev restarts its queue only then).
    /// </summary>
    public bool RingsAfterRead { get; init; }

    /// <summary>Interrupt settings that an owner announces unless told otherwise.</summary>
    public required MmbiInterrupts Interrupts { get; init; }

    /// <summary>Finds a dialect by name.</summary>
    /// <param name="name">For instance <c>v1.1</c>; case matters.</param>
    /// <param name="dialect">The dialect.</param>
    public static bool TryParse(string? name, [NotNullWhen(true)] out MmbiDialect? dialect)
    {
        dialect = All.FirstOrDefault(candidate => candidate.Name == name);
        return dialect is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
