// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>Addresses for DMA: inside what the IOMMU can do, never twice.</summary>
public sealed class IovaAllocatorTests
{
    private const ulong Page = 4096;

    [Fact]
    public void Take_First_StartsAtOneMegabyte()
    {
        var allocator = new IovaAllocator([new IovaRange(0, 0xFEDF_FFFF)], Page);

        Assert.True(allocator.TryTake(Page, out ulong first));
        Assert.True(allocator.TryTake(Page, out ulong second));
        Assert.Equal((0x10_0000UL, 0x10_1000UL), (first, second));
    }

    [Fact]
    public void Take_WhatWasReturned_UsesTheGap()
    {
        var allocator = new IovaAllocator([new IovaRange(0, 0xFEDF_FFFF)], Page);
        allocator.TryTake(2 * Page, out ulong first);
        allocator.TryTake(Page, out _);
        allocator.Return(first);

        Assert.True(allocator.TryTake(3 * Page, out ulong large));
        Assert.True(allocator.TryTake(2 * Page, out ulong small));
        Assert.Equal((0x10_3000UL, first), (large, small));
    }

    [Fact]
    public void Take_MoreThanThereIs_IsRefused()
    {
        var allocator = new IovaAllocator([new IovaRange(0x20_0000, 0x20_1FFF)], Page);

        Assert.False(allocator.TryTake(3 * Page, out _));
        Assert.True(allocator.TryTake(2 * Page, out _));
        Assert.False(allocator.TryTake(Page, out _));
    }

    [Fact]
    public void Take_AtTheTopOfAllAddresses_DoesNotOverflow()
    {
        var allocator = new IovaAllocator([new IovaRange(ulong.MaxValue - 0x17FF, ulong.MaxValue)], Page);

        Assert.True(allocator.TryTake(Page, out ulong address));
        Assert.Equal(ulong.MaxValue - 0xFFF, address);
        Assert.False(allocator.TryTake(Page, out _));
    }

    [Fact]
    public void TakeAndReturn_AtRandom_NeverOverlap()
    {
        Gen<int[]> steps = Gen.Choose(-8, 40).ArrayOf(200);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(steps.ToArbitrary(), StaysApart));
    }

    private static bool StaysApart(int[] steps)
    {
        IovaRange[] ranges = [new(0x8_0000, 0x13_5FFF), new(0x20_0800, 0x23_FFFF)];
        var allocator = new IovaAllocator(ranges, Page);
        var taken = new List<(ulong First, ulong Last)>();
        foreach (int step in steps)
        {
            if (step <= 0 && taken.Count > 0)
            {
                (ulong First, ulong Last) gone = taken[-step % taken.Count];
                allocator.Return(gone.First);
                taken.Remove(gone);
            }
            else if (step > 0 && allocator.TryTake((ulong)step * Page, out ulong address))
            {
                (ulong First, ulong Last) fresh = (address, address + ((ulong)step * Page) - 1);
                Assert.Equal(0UL, address % Page);
                Assert.Contains(ranges, range => fresh.First >= range.First && fresh.Last <= range.Last);
                Assert.DoesNotContain(taken, other => fresh.First <= other.Last && other.First <= fresh.Last);
                taken.Add(fresh);
            }
        }

        return true;
    }
}
