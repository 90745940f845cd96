// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;
using Xunit;

namespace Busbar.Fuzz;

/// <summary>What the fuzzer looks for, it sees: devices that are wrong on purpose.</summary>
public sealed class DetectorTests
{
    [Theory]
    [InlineData(-1, "in front of")]
    [InlineData(0, "behind")]
    [InlineData(4095, "behind")]
    public void Write_BesideAMapping_IsFoundOnce(int distance, string where)
    {
        Assert.SkipWhen(MappingWatch.IsFatal, "the process would end");
        using MappedMemory memory = MappedMemory.CreateSealed("guarded", 8192);
        using SharedRegion region = memory.Map();
        MappingWatch.Check();

        Stray(distance);

        var found = Assert.Throws<FuzzViolationException>(MappingWatch.Check);
        Assert.Contains(where, found.Message, StringComparison.Ordinal);
        MappingWatch.Check();
        region.Write8(8191, 1);
        region.Write8(0, 1);
        MappingWatch.Check();
    }

    [Fact]
    public void Write_BesideAMappingThatIsGoneBeforeAnybodyLooks_IsFound()
    {
        Assert.SkipWhen(MappingWatch.IsFatal, "the process would end");
        MappingWatch.Check();
        using MappedMemory memory = MappedMemory.CreateSealed("guarded", 4096);
        using (memory.Map()) Stray(3);

        Assert.Throws<FuzzViolationException>(MappingWatch.Check);
    }

    [Fact]
    public void Write_BesideTheMemoryOfAClient_IsFound()
    {
        Assert.SkipWhen(MappingWatch.IsFatal, "the process would end");
        using MappedMemory memory = MappedMemory.CreateSealed("peer", 4096);
        Assert.Equal(Errno.None, PeerMemory.TryMap(memory.Descriptor, long.MaxValue, out PeerMemory? mapped));
        using (mapped)
        {
            MappingWatch.Check();
            Stray(0);
            Assert.Throws<FuzzViolationException>(MappingWatch.Check);
        }
    }

    [Fact]
    public void DeviceTarget_WhoseDeviceWritesBehindAWindow_Breaks()
    {
        Assert.SkipWhen(MappingWatch.IsFatal, "the process would end");
        var target = new DeviceTarget();
        byte[] input = target.Samples().First(sample => sample.Name == "busbar-crowd").Input;

        Assert.Throws<FuzzViolationException>(() => target.Run(input, () => Stray(0)));
        target.Run(input);
    }

    [Fact]
    public void VfioUserServerTarget_WhoseFunctionWritesMemoryThatWasNotLent_Breaks()
    {
        var target = new VfioUserServerTarget(strays: true);
        byte[] input = target.Samples().First(sample => sample.Name == "session").Input;

        var found = Assert.Throws<FuzzViolationException>(() => target.Run(input));

        Assert.Contains("0xffff", found.Message, StringComparison.Ordinal);
        new VfioUserServerTarget().Run(input);
    }

    [Fact]
    public void GuestMemory_ChangedWhereItWasLentOnly_IsFine()
    {
        using var memory = new GuestMemory();
        using SharedRegion view = MappedMemory.Adopt(memory.Descriptor.Duplicate()).Map();
        memory.StartOver();
        memory.Lend(0x1000, 0x1000);
        memory.Lend(0x1800, 0x1800);
        memory.Lend(GuestMemory.Length - 1, ulong.MaxValue);
        view.Clear(0x1000, 0x2000);
        view.Write8(GuestMemory.Length - 1, 0);
        memory.Check();

        view.Write8(0x3000, 0);
        Assert.Throws<FuzzViolationException>(memory.Check);
        view.Write8(0x3000, view.Read8(0));
        memory.Check();
        view.Write8(0xFFF, 0);
        Assert.Throws<FuzzViolationException>(memory.Check);
        memory.TakeBack();
        memory.Check();
        view.Write8(0x1000, 0);
        Assert.Throws<FuzzViolationException>(memory.Check);
    }

    // A region that is longer than what it stands on, as a device with a wrong length would have it.
    private static void Stray(int distance)
    {
        (nint address, nuint length) = MappingWatch.Guard.Newest;
        nint place = distance < 0 ? address - 8 : address + (nint)length;
        var wrong = new SharedRegion(place, 1 << 13, RegionAccess.Ram, owner: null);
        wrong.Write8(distance < 0 ? 8 + distance : distance, 0x11);
    }
}
