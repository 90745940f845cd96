// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>DMA memory on an IOMMU that a test plays.</summary>
public sealed class DmaAllocatorTests
{
    private static readonly ulong s_page = (ulong)Environment.SystemPageSize;

    [Fact]
    public void Memory_BehindAnIommuOfSmallerPages_IsWholePagesOfTheSystem()
    {
        var space = new PlayedSpace(smallest: 1);
        using var allocator = new DmaAllocator(space, "0000:00:04.0");
        Assert.True(allocator.CanMap);

        using DmaMemory memory = allocator.Allocate(100);

        (ulong address, int length) = Assert.Single(space.Mapped);
        Assert.Equal((memory.BusAddress, (int)s_page), (address, length));
        Assert.Equal(0UL, address % s_page);
        memory.Dispose();
        Assert.Empty(space.Mapped);
    }

    [Fact]
    public void Memory_BehindAnIommuOfLargerPages_IsRefusedInOneLine()
    {
        var space = new PlayedSpace(smallest: 16 * s_page);
        using var allocator = new DmaAllocator(space, "0000:00:04.0");

        var refusal = Assert.Throws<PciDeviceException>(() => allocator.Allocate(100));

        Assert.False(allocator.CanMap);
        Assert.Equal(PciDeviceFault.NotSupported, refusal.Fault);
        Assert.Contains($"0000:00:04.0 maps {16 * s_page} bytes at the least", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
        Assert.Empty(space.Mapped);
    }

    [Fact]
    public void Address_ThatTheKernelKeeps_IsNotGivenOutAgain()
    {
        var space = new PlayedSpace(smallest: s_page);
        using var allocator = new DmaAllocator(space, "0000:00:04.0");
        DmaMemory first = allocator.Allocate(100);
        space.Keeps = true;
        first.Dispose();
        space.Keeps = false;

        using DmaMemory second = allocator.Allocate(100);

        Assert.NotEqual(first.BusAddress, second.BusAddress);
        Assert.Equal((long)s_page, allocator.LostBytes);
    }

    [Fact]
    public void Memory_ThatIsStillOut_IsTakenBackInTheEnd()
    {
        var space = new PlayedSpace(smallest: s_page);
        var allocator = new DmaAllocator(space, "0000:00:04.0");
        allocator.Allocate(100);
        allocator.Allocate(5000);

        allocator.Dispose();

        Assert.Empty(space.Mapped);
    }

    [Fact]
    public void Limit_OfLockedMemory_IsNamed()
    {
        using var allocator = new DmaAllocator(new PlayedSpace(smallest: s_page) { Refusal = Errno.ENOMEM }, "0000:00:04.0");

        Assert.Contains("RLIMIT_MEMLOCK", Assert.Throws<PciDeviceException>(() => allocator.Allocate(1)).Message, StringComparison.Ordinal);
    }

    private sealed class PlayedSpace(ulong smallest) : IDmaSpace
    {
        public List<(ulong Address, int Length)> Mapped { get; } = [];

        public bool Keeps { get; set; }

        public Errno Refusal { get; init; }

        public IReadOnlyList<IovaRange> Ranges { get; } = [new(0, 0xFEDF_FFFF)];

        public ulong SmallestPage => smallest;

        public void Map(DmaPages pages, ulong address)
        {
            if (Refusal != Errno.None) throw new LinuxException(Refusal, "VFIO_IOMMU_MAP_DMA", "played");
            Mapped.Add((address, pages.Length));
        }

        public bool Unmap(DmaPages pages, ulong address) => !Keeps && Mapped.Remove((address, pages.Length));
    }
}
