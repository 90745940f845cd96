// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>What stands in a base address register (PCI Local Bus 3.0, 6.2.5). The window's length is not in it.</summary>
/// <param name="Index">0 to 5.</param>
/// <param name="Raw">The register's own four bytes.</param>
/// <param name="Address">The address, both halves of a 64-bit one.</param>
/// <param name="IsIo">True for I/O ports.</param>
/// <param name="Is64Bit">True when the next register holds the upper half.</param>
/// <param name="IsPrefetchable">True when reads have no side effects.</param>
public sealed record PciBarRegister(int Index, uint Raw, ulong Address, bool IsIo, bool Is64Bit, bool IsPrefetchable)
{
    private const uint IoBit = 1;
    private const uint TypeMask = 6;
    private const uint Type64 = 4;
    private const uint PrefetchableBit = 8;
    private const uint IoAddressMask = ~3u;
    private const uint MemoryAddressMask = ~0xFu;

    /// <summary>The registers of a header in order; upper halves are left out. A register that reads 0 is listed, too: it may be absent or without address.</summary>
    /// <param name="image">The image.</param>
    public static IReadOnlyList<PciBarRegister> ReadAll(PciConfigImage image)
    {
        int count = PciHeader.Read(image).BarCount;
        var found = new List<PciBarRegister>(count);
        for (int index = 0; index < count; index++)
        {
            PciBarRegister register = Read(image, index, count);
            found.Add(register);
            if (register.Is64Bit) index++;
        }

        return found;
    }

    private static PciBarRegister Read(PciConfigImage image, int index, int count)
    {
        uint raw = image.Read32(PciConfigRegisters.Bar0 + (index * 4));
        if ((raw & IoBit) != 0) return new PciBarRegister(index, raw, raw & IoAddressMask, IsIo: true, Is64Bit: false, IsPrefetchable: false);

        // The last register has no upper half, whatever it claims.
        bool is64 = (raw & TypeMask) == Type64 && index + 1 < count;
        ulong upper = is64 ? image.Read32(PciConfigRegisters.Bar0 + ((index + 1) * 4)) : 0;
        return new PciBarRegister(index, raw, (upper << 32) | (raw & MemoryAddressMask), IsIo: false, is64, (raw & PrefetchableBit) != 0);
    }
}
