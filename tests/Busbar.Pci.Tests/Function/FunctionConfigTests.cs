// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>Configuration space as firmware and drivers find it.</summary>
public sealed class FunctionConfigTests
{
    private const int Command = 0x04;
    private const int PmOffset = 4;

    [Fact]
    public void Header_OfAFunction_IsWhatItsOptionsSay()
    {
        using PciFunction function = SampleFunction.Create();
        var probe = new FunctionProbe(function);

        Assert.Equal(0x56781234u, probe.Config(0x00));
        Assert.Equal(0x0C0C0027u, probe.Config(0x08));
        Assert.Equal(0x87654321u, probe.Config(0x2C));
        Assert.Equal(0x0100u, probe.Config(0x3C, 2));
        Assert.Equal(0x0010u, probe.Config(0x06, 2));
        Assert.Equal(4096, function.ConfigLength);
        Assert.Equal(0u, probe.Config(0x30));
    }

    [Theory]
    [InlineData(0, 0xFFFFE000u)]
    [InlineData(1, 0u)]
    [InlineData(2, 0xFFFF000Cu)]
    [InlineData(3, 0xFFFFFFFFu)]
    [InlineData(4, 0xFFFFF000u)]
    [InlineData(5, 0u)]
    public void Bar_SizedWithOnes_AnswersItsSizeAndType(int bar, uint expected)
    {
        using PciFunction function = SampleFunction.Create();
        var probe = new FunctionProbe(function);
        int register = 0x10 + (4 * bar);
        uint before = probe.Config(register);

        probe.SetConfig(register, uint.MaxValue, 4);

        Assert.Equal(expected, probe.Config(register));
        probe.SetConfig(register, 0xFEDC_BA98, 4);
        Assert.Equal((expected & 0xFEDC_BA98 & ~0xFu) | (bar == 3 ? 8 : before & 0xF), probe.Config(register));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(20)]
    [InlineData(30)]
    public void Bar_OfEveryKindAndSize_HasItsMask(int exponent)
    {
        foreach ((bool is64, bool isPrefetchable) in new[] { (false, false), (false, true), (true, false), (true, true) })
        {
            using var function = new PciFunction(new PciFunctionOptions
            {
                Name = "b",
                VendorId = 1,
                DeviceId = 1,
                Regions = [new PciFunctionRegion(1, 1L << exponent, is64, isPrefetchable)],
            });
            var probe = new FunctionProbe(function);
            probe.SetConfig(0x14, uint.MaxValue, 4);
            probe.SetConfig(0x18, uint.MaxValue, 4);

            uint flags = (is64 ? 4u : 0) | (isPrefetchable ? 8u : 0);
            Assert.Equal(~((1u << exponent) - 1) | flags, probe.Config(0x14));
            Assert.Equal(is64 ? uint.MaxValue : 0, probe.Config(0x18));
        }
    }

    [Fact]
    public void Bar_WrittenByteByByte_TakesEachByte()
    {
        using PciFunction function = SampleFunction.Create();
        var probe = new FunctionProbe(function);

        for (int i = 0; i < 4; i++) probe.SetConfig(0x10 + i, 0xE1u + (uint)i, 1);

        Assert.Equal(0xE4E3E000u, probe.Config(0x10));
    }

    [Fact]
    public void Capabilities_InBothLists_StandInOrderAndAligned()
    {
        using PciFunction function = SampleFunction.Create(msi: PciFunctionCapability.Msi(8, is64Bit: true, hasMasks: true));
        var probe = new FunctionProbe(function);

        Assert.Equal([0x01, 0x05, 0x11, 0x09, 0x10], probe.Capabilities().Select(entry => entry.Id));
        Assert.Equal([0x03, 0x0B, 0x23], probe.ExtendedCapabilities().Select(entry => entry.Id));
        Assert.All(probe.Capabilities().Concat(probe.ExtendedCapabilities()), entry => Assert.Equal(0, entry.Offset % 4));
        Assert.Equal(5u, probe.Config(probe.Find(0x09) + 2, 1));
        Assert.Equal(0x0002u, probe.Config(probe.Find(0x10) + 2, 2));
        Assert.NotEqual(0u, probe.Config(probe.Find(0x10) + 4) & (1u << 28));
        int serial = probe.ExtendedCapabilities().First().Offset;
        Assert.Equal((0x55667788u, 0x11223344u), (probe.Config(serial + 4), probe.Config(serial + 8)));
        int vsec = probe.ExtendedCapabilities().ElementAt(1).Offset;
        Assert.Equal(0x0042u | (3u << 16) | (12u << 20), probe.Config(vsec + 4));
        int dvsec = probe.ExtendedCapabilities().ElementAt(2).Offset;
        Assert.Equal(0x1234u | (1u << 16) | (12u << 20), probe.Config(dvsec + 4));
        Assert.Equal(0x06050007u, probe.Config(dvsec + 8));
    }

    [Fact]
    public void Image_OfAFunction_IsWhatTheDriversDecodersExpect()
    {
        using PciFunction function = SampleFunction.Create(msi: PciFunctionCapability.Msi(8, hasMasks: true));
        byte[] bytes = new byte[4096];
        function.ReadConfig(0, bytes);
        var image = new PciConfigImage(bytes);
        PciCapabilityLists lists = PciCapabilityLists.Walk(image);

        Assert.Empty(lists.Faults);
        Assert.Equal(8, lists.All.Count);
        Assert.True(MsixCapability.TryRead(image, lists.Find(PciCapabilityId.Msix)!, out MsixCapability? msix));
        Assert.Equal(
            (SampleFunction.Vectors, SampleFunction.TableBar, 0u, SampleFunction.TableBar, (uint)SampleFunction.PendingOffset),
            (msix.VectorCount, msix.TableBar, msix.TableOffset, msix.PendingBar, msix.PendingOffset));
        Assert.True(MsiCapability.TryRead(image, lists.Find(PciCapabilityId.Msi)!, out MsiCapability? msi));
        Assert.Equal((8, true, true, false), (msi.VectorsOffered, msi.Is64Bit, msi.HasMasks, msi.IsEnabled));
    }

    [Fact]
    public void Config_WrittenAllOnesAndAllZeroes_ChangesWritableBitsOnly()
    {
        using PciFunction function = SampleFunction.Create(msi: PciFunctionCapability.Msi(4, is64Bit: false, hasMasks: true));
        var probe = new FunctionProbe(function);
        byte[] fresh = new byte[4096], ones = new byte[4096], zeroes = new byte[4096];
        function.ReadConfig(0, fresh);

        // The reset bit of PCI Express would put everything back; all other bytes at once.
        int deviceControl = probe.Find(0x10) + 9;
        byte[] pattern = new byte[4096];
        pattern.AsSpan().Fill(0xFF);
        pattern[deviceControl] = 0x7F;
        function.WriteConfig(0, pattern);
        function.ReadConfig(0, ones);
        function.WriteConfig(0, new byte[4096]);
        function.ReadConfig(0, zeroes);

        var writable = new Dictionary<int, int>();
        for (int i = 0; i < 4096; i++)
        {
            if (ones[i] != zeroes[i]) writable[i] = ones[i] ^ zeroes[i];
            else Assert.Equal(fresh[i], ones[i]);
        }

        int msi = probe.Find(0x05), pm = probe.Find(0x01), msix = probe.Find(0x11), vendor = probe.Find(0x09);
        Assert.Equal((0x47, 0x05), (writable[Command], writable[Command + 1]));
        Assert.Equal(0xFF, writable[0x0C]);
        Assert.Equal(0xFF, writable[0x3C]);
        Assert.False(writable.ContainsKey(0x3D));
        Assert.Equal(0x03, writable[pm + PmOffset]);
        Assert.Equal(0x71, writable[msi + 2]);
        Assert.Equal(0xFC, writable[msi + 4]);
        Assert.Equal(0x0F, writable[msi + 0x0C]);
        Assert.False(writable.ContainsKey(msi + 0x10));
        Assert.Equal(0xC0, writable[msix + 3]);
        Assert.Equal(0x0F, writable[vendor + 3]);
        Assert.DoesNotContain(writable.Keys, at => at >= 0x100);
        Assert.DoesNotContain(writable.Keys, at => at is >= 0x28 and < 0x3C);
    }

    [Fact]
    public void Config_BehindItsEnd_ReadsOnesAndSwallows()
    {
        using var function = new PciFunction(new PciFunctionOptions { Name = "short", VendorId = 1, DeviceId = 2 });
        byte[] data = new byte[8];

        function.WriteConfig(254, new byte[8]);
        function.ReadConfig(254, data);
        Assert.Equal([0, 0, 255, 255, 255, 255, 255, 255], data);
        function.ReadConfig(-3, data);
        Assert.All(data, value => Assert.Equal(255, value));
        function.WriteConfig(int.MinValue, data);
        function.WriteConfig(int.MaxValue, data);
        Assert.Equal(256, function.ConfigLength);
        Assert.Equal(0u, new FunctionProbe(function).Config(0x34, 1));
    }

    [Fact]
    public void Command_Changed_IsToldOnceAndTakesEffect()
    {
        using PciFunction function = SampleFunction.Create();
        var probe = new FunctionProbe(function);
        int told = 0;
        function.CommandChanged += () => told++;

        probe.SetConfig(Command, 6, 2);
        probe.SetConfig(Command, 6, 2);

        Assert.Equal((1, true, true), (told, function.IsMemoryEnabled, function.IsBusMaster));
    }

    [Fact]
    public void Plan_ThatDoesNotWorkOut_IsRefused()
    {
        PciFunctionOptions options = new() { Name = "x", VendorId = 1, DeviceId = 1 };

        Assert.Throws<ArgumentException>(() => new PciFunction(options with { VendorId = 0xFFFF }));
        Assert.Throws<ArgumentException>(() => new PciFunction(options with { Capabilities = [PciFunctionCapability.SerialNumber(1)] }));
        Assert.Throws<ArgumentException>(() => new PciFunction(options with { Capabilities = [PciFunctionCapability.Msix(1, 0)] }));
        Assert.Throws<ArgumentException>(() => new PciFunction(options with { Capabilities = [PciFunctionCapability.Msi(), PciFunctionCapability.Msi()] }));
        Assert.Throws<ArgumentException>(() => new PciFunction(options with
        {
            Capabilities = [PciFunctionCapability.Msix(1, 0)],
            Regions = [new PciFunctionRegion(0, 4096).AddMemory(0, 4096)],
        }));
        Assert.Throws<ArgumentException>(() => new PciFunction(options with { Regions = [new(0, 4096, is64Bit: true), new(1, 4096)] }));
        Assert.Throws<ArgumentException>(() => new PciFunction(options with { Regions = [new(1, 4096), new(0, 4096, is64Bit: true)] }));
        Assert.Throws<ArgumentException>(() => new PciFunctionRegion(0, 4096).AddMemory(0, 4096).AddRegisters(8, new RegisterFile(8)));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PciFunctionRegion(5, 4096, is64Bit: true));
        Assert.Throws<ArgumentOutOfRangeException>(() => new PciFunctionRegion(0, 5000));
    }
}
