// SPDX-License-Identifier: Apache-2.0
using Busbar.TestKit;
using Xunit;

namespace Busbar.Linux.Tests;

public sealed class PeerMemoryTests
{
    private const int Huge = 2 << 20;
    private const int MADV_REMOVE = 9;

    [Fact]
    public void Memory_OfSmallPages_GivenBackByItsOwner_ReadsAsZeroes()
    {
        using MappedMemory shared = MappedMemory.CreateSealed("peer", 1 << 16);
        Assert.Equal(Errno.None, PeerMemory.TryMap(shared.Descriptor, long.MaxValue, out PeerMemory? memory));
        using (memory)
        {
            Assert.True(memory!.TryWrite(8, [1, 2, 3]));
            GiveBack(shared, 1 << 16);

            byte[] data = [9, 9, 9];
            Assert.True(memory.TryRead(8, data));
            Assert.Equal([0, 0, 0], data);
        }
    }

    [Fact]
    public void Memory_OfHugePages_GivenBackWhileThePoolIsEmpty_FailsAndKillsNobody()
    {
        using var pages = new ReservedHugePages(2);
        using MappedMemory shared = MappedMemory.CreateSealed("peer", Huge, MemoryHints.HugePages);
        if (!NativeMemoryMap.IsHuge(shared.Descriptor)) Assert.Skip("no huge pages are reserved here, and only root may reserve some");
        Assert.Equal(Errno.None, PeerMemory.TryMap(shared.Descriptor, long.MaxValue, out PeerMemory? memory));
        var taken = new List<nint>();
        using (memory)
        {
            byte[] data = [1, 2, 3];
            Assert.True(memory!.TryWrite(100, data));
            Assert.True(memory.TryRead(100, data));
            Assert.Equal([1, 2, 3], data);

            GiveBack(shared, Huge);
            while (true)
            {
                using MappedMemory other = MappedMemory.CreateSealed("other", Huge, MemoryHints.HugePages);
                if (!NativeMemoryMap.IsHuge(other.Descriptor)) break;
                taken.Add(NativeMemoryMap.Map(0, Huge, NativeMemoryMap.PROT_READ, NativeMemoryMap.MAP_SHARED, other.Descriptor, 0));
            }

            Assert.False(memory.TryRead(100, data));
            Assert.False(memory.TryWrite(100, data));
        }

        foreach (nint address in taken) Assert.Equal(0, NativeMemoryMap.Unmap(address, Huge));
    }

    // What a peer does to its own memory: a hole in the middle changes no size.
    private static void GiveBack(MappedMemory memory, int length)
    {
        nint address = NativeMemoryMap.Map(0, (nuint)length, NativeMemoryMap.PROT_READ | NativeMemoryMap.PROT_WRITE, NativeMemoryMap.MAP_SHARED, memory.Descriptor, 0);
        Assert.NotEqual(NativeMemoryMap.MAP_FAILED, address);
        Assert.Equal(0, NativeMemoryMap.Advise(address, (nuint)length, MADV_REMOVE));
        Assert.Equal(0, NativeMemoryMap.Unmap(address, (nuint)length));
    }
}
