// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>Reading descriptors: golden ones, broken ones, random ones.</summary>
public sealed class DescriptorTests
{
    [Fact]
    public void Recognise_Aspeed2024_IsVersion10()
    {
        var found = MmbiRecognition.Recognise(DescriptorVectors.Aspeed2024, DescriptorVectors.Window);

        Assert.True(found.IsAcceptable);
        Assert.Same(MmbiDialect.V10Aspeed, found.Dialect);
        MmbiInstance instance = Assert.Single(found.Descriptor!.Instances);
        Assert.Equal(new MmbiInstance(new MmbiRing(0x48, 0xFFFB8), new MmbiRing(0x100008, 0xFFFF0), 0x40, 0x100000), instance);
        Assert.Equal(DescriptorVectors.Msi28 with { OwnerLocation = 0x1FFFF8 }, found.Descriptor.Interrupts);
    }

    [Fact]
    public void Recognise_Aspeed2026_IsVersion11()
    {
        var found = MmbiRecognition.Recognise(DescriptorVectors.Aspeed2026, DescriptorVectors.Window);

        Assert.True(found.IsAcceptable);
        Assert.Same(MmbiDialect.V11, found.Dialect);
        MmbiInstance instance = Assert.Single(found.Descriptor!.Instances);
        Assert.Equal(new MmbiInstance(new MmbiRing(0x50, 0x7FFF8), new MmbiRing(0x100008, 0xFFFF8), 0x48, 0x100000), instance);
    }

    [Fact]
    public void Recognise_TwoInstances_FindsBoth()
    {
        var found = MmbiRecognition.Recognise(DescriptorVectors.Aspeed2026Pair, DescriptorVectors.Window);

        Assert.True(found.IsAcceptable);
        Assert.Equal(2, found.Descriptor!.Instances.Count);
        Assert.Equal(new MmbiInstance(new MmbiRing(0x40070, 0x3FFF8), new MmbiRing(0x180008, 0x7FFF8), 0x40068, 0x180000), found.Descriptor.Instances[1]);
    }

    [Fact]
    public void Recognise_VirtualWire_IsEspi()
    {
        byte[] bytes = Emit(MmbiLayout.Create(MmbiDialect.V10Espi, 1 << 20), MmbiDialect.V10Espi);

        var found = MmbiRecognition.Recognise(bytes, 1 << 20);

        Assert.True(found.IsAcceptable);
        Assert.Same(MmbiDialect.V10Espi, found.Dialect);
        Assert.Contains("virtual-wire", found.Explanation, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, 1)]
    [InlineData(true, 8)]
    [InlineData(false, 1)]
    [InlineData(false, 8)]
    public void Recognise_AnyEncodingUnderEitherVersion_IsFoundByWhatFits(bool bigEndian, int unit)
    {
        foreach (MmbiDialect usual in MmbiDialect.All)
        {
            MmbiDialect odd = usual with { IsBigEndianDescriptor = bigEndian, AddressUnit = unit };
            byte[] bytes = Emit(MmbiLayout.Create(usual, DescriptorVectors.Window), odd);

            var found = MmbiRecognition.Recognise(bytes, DescriptorVectors.Window);

            Assert.True(found.IsAcceptable, $"{usual.Name}: {string.Join("; ", found.Faults)}");
            Assert.Equal(usual.Name, found.Dialect.Name);
            Assert.Equal((bigEndian, unit), (found.Dialect.IsBigEndianDescriptor, found.Dialect.AddressUnit));
        }
    }

    [Fact]
    public void Recognise_Draft_IsRefusedByName()
    {
        byte[] bytes = [.. DescriptorVectors.Aspeed2024];
        bytes[0] = (byte)'$';

        var found = MmbiRecognition.Recognise(bytes, DescriptorVectors.Window);

        Assert.False(found.IsAcceptable);
        Assert.True(found.IsPresent);
        Assert.Contains("draft layout", Assert.Single(found.Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Recognise_DeadLink_SaysSo()
    {
        byte[] bytes = new byte[64];
        bytes.AsSpan().Fill(0xFF);

        var found = MmbiRecognition.Recognise(bytes, DescriptorVectors.Window);

        Assert.False(found.IsPresent);
        Assert.Contains("dead link", Assert.Single(found.Faults).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(6, 3, "version: 3 is neither")]
    [InlineData(7, 0x01, "NOI: 0 instances")]
    [InlineData(7, 0x10, "OS_USE: 0 means")]
    [InlineData(24, 2, "BUF_T: 2 is not 1")]
    [InlineData(19, 0xF9, "B2H_L: 0x7FFF9 is not a multiple of 4")]
    [InlineData(16, 0x80, "B2H_L: 0x8007FFF8 from B2H_BA 0x50 passes the window's end at 0x200000")]
    [InlineData(11, 0x54, "B2H_BA: 0x54 is not a multiple of 8")]
    [InlineData(35, 0x00, "H_ROS_P: 0x0 overlaps descriptor")]
    [InlineData(35, 0x4C, "H_ROS_P: 0x4C is not a multiple of 8")]
    [InlineData(35, 0x50, "B2H_BA: 0x50 overlaps H_ROS_P")]
    [InlineData(37, 0x20, "H_RWS_P: 0x200000 leaves no 8 bytes")]
    [InlineData(12, 0xFF, "H2B_L: 0xFFFF8 from H2B_BA 0xFF100008 passes")]
    public void Validate_OneFieldWrong_NamesFieldAndReason(int at, byte value, string expected)
    {
        byte[] bytes = [.. DescriptorVectors.Aspeed2026];
        bytes[at] = value;

        var found = MmbiRecognition.ReadAs(bytes, DescriptorVectors.Window, MmbiDialect.V11);

        Assert.Contains(found.Faults, fault => fault.ToString().StartsWith(expected, StringComparison.Ordinal));
    }

    [Fact]
    public void Validate_ShortRing_IsRefused()
    {
        byte[] bytes = [.. DescriptorVectors.Aspeed2026];
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(20), 76);

        var found = MmbiRecognition.ReadAs(bytes, DescriptorVectors.Window, MmbiDialect.V11);

        Assert.StartsWith("H2B_L: 0x4C is shorter", Assert.Single(found.Faults).ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0x200000u, "BMC_INT_L: 0x200000 is behind")]
    [InlineData(0x100010u, "BMC_INT_L: 0x100010 lies inside H2B_BA")]
    [InlineData(0x41u, "BMC_INT_L: 0x41 lies inside H_ROS_P")]
    [InlineData(0x20u, "BMC_INT_L: 0x20 lies inside descriptor")]
    public void Validate_DoorbellInTheWay_IsRefused(uint location, string expected)
    {
        byte[] bytes = [.. DescriptorVectors.Aspeed2024];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(47), location);

        var found = MmbiRecognition.ReadAs(bytes, DescriptorVectors.Window, MmbiDialect.V10Aspeed);

        Assert.StartsWith(expected, Assert.Single(found.Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Validate_SecondInstance_IsNamed()
    {
        byte[] bytes = [.. DescriptorVectors.Aspeed2026Pair];
        bytes[64 + 16] = 7;

        var found = MmbiRecognition.Recognise(bytes, DescriptorVectors.Window);

        Assert.Equal("BUF_T of instance 1: 7 is not 1, the variable packet size circular buffer", Assert.Single(found.Faults).ToString());
    }

    [Theory]
    [InlineData(0)]
    [InlineData(6)]
    [InlineData(63)]
    public void Recognise_TooFewBytes_IsRefused(int length)
    {
        var found = MmbiRecognition.Recognise(DescriptorVectors.Aspeed2026.AsSpan(0, length), length);

        Assert.False(found.IsAcceptable);
    }

    [Fact]
    public void Recognise_MoreInstancesThanBytes_IsRefused()
    {
        byte[] bytes = [.. DescriptorVectors.Aspeed2026];
        bytes[7] = 0x71;

        var found = MmbiRecognition.Recognise(bytes, DescriptorVectors.Window);

        Assert.StartsWith("NOI: 7", Assert.Single(found.Faults).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Recognise_AnyBytes_AcceptsOnlyWhatLiesInTheWindow()
    {
        Prop.ForAll(
            ArbMap.Default.ArbFor<byte[]>(),
            ArbMap.Default.ArbFor<int>(),
            (random, seed) =>
            {
                byte[] bytes = [.. DescriptorVectors.Aspeed2026Pair];
                for (int i = 0; i < random.Length; i++) bytes[(((uint)seed % 1000) + ((uint)i * 7)) % bytes.Length] = random[i];
                var found = MmbiRecognition.Recognise(bytes, DescriptorVectors.Window);
                if (!found.IsAcceptable) return found.Faults.Count > 0;
                return found.Descriptor!.Instances.All(instance =>
                    instance.OwnerToHost.End <= DescriptorVectors.Window && instance.HostToOwner.End <= DescriptorVectors.Window
                    && instance.Ros + 8 <= DescriptorVectors.Window && instance.Rws + 8 <= DescriptorVectors.Window);
            }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Emit_WhatWasParsed_GivesTheSameBytes()
    {
        byte[] bytes = new byte[DescriptorVectors.Aspeed2026Pair.Length];
        var found = MmbiRecognition.Recognise(DescriptorVectors.Aspeed2026Pair, DescriptorVectors.Window);

        int length = found.Descriptor!.Emit(MmbiDialect.V11, bytes);

        Assert.Equal(DescriptorVectors.Aspeed2026Pair, bytes[..length]);
    }

    private static byte[] Emit(MmbiLayout layout, MmbiDialect dialect)
    {
        byte[] bytes = new byte[MmbiDescriptor.MaximumLength];
        layout.DescriptorOf(0).Emit(dialect, bytes);
        return bytes;
    }
}
