// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>Accesses to windows: registers, memory, gaps, ends.</summary>
public sealed class FunctionWindowTests
{
    [Fact]
    public void Registers_AtTheirPlace_AnswerEveryWidthAndGapsReadOnes()
    {
        using PciFunction function = SampleFunction.Create();
        var probe = new FunctionProbe(function);

        probe.SetBar(0, 0x1004, 0xAB, 1);

        Assert.Equal(0x000000AB_12345678ul, probe.Bar(0, 0x1000, 8));
        Assert.Equal(0x1234ul, probe.Bar(0, 0x1002, 2));
        Assert.Equal(0xFFFFFFFFul, probe.Bar(0, 0x0FFC));
        Assert.Equal(0ul, probe.Bar(0, 0x1030));
        Assert.Equal(1, function.Statistics.Undefined);
    }

    [Fact]
    public void Access_UnalignedOrLong_RunsInPieces()
    {
        using PciFunction function = SampleFunction.Create();
        byte[] data = new byte[11];

        function.ReadBar(0, 0xFFE, data);

        Assert.Equal([0xFF, 0xFF, 0x78, 0x56, 0x34, 0x12, 0xF0, 0, 0, 0, 0xFF], data);
        Assert.Equal((1, 1), (function.Statistics.Unaligned, function.Statistics.Undefined));
        function.WriteBar(0, 0x1003, [0xEE, 0xCD]);
        Assert.Equal(0xCDul, new FunctionProbe(function).Bar(0, 0x1004, 1));
    }

    [Theory]
    [InlineData(0, -1L, 4)]
    [InlineData(0, 0x2000L, 4)]
    [InlineData(0, long.MaxValue, 8)]
    [InlineData(0, long.MinValue, 8)]
    [InlineData(1, 0L, 4)]
    [InlineData(-1, 0L, 4)]
    [InlineData(6, 0L, 4)]
    [InlineData(int.MaxValue, 0L, 1)]
    public void Access_OfNothing_ReadsOnesSwallowsAndCounts(int bar, long offset, int size)
    {
        using PciFunction function = SampleFunction.Create();
        byte[] data = new byte[size];

        function.ReadBar(bar, offset, data);
        function.WriteBar(bar, offset, data);

        Assert.All(data, value => Assert.Equal(0xFF, value));
        Assert.Equal(2, function.Statistics.OutOfRange);
    }

    [Fact]
    public void Memory_TrappedAndMapped_IsTheSame()
    {
        var seen = new List<(int Offset, int Length)>();
        using PciFunction function = SampleFunction.Create(afterWrite: (offset, length) => seen.Add((offset, length)));
        var probe = new FunctionProbe(function);

        probe.SetBar(2, SampleFunction.DoorbellPage + 0xFF, 0xC6, 1);
        probe.SetBar(2, 8, 0x1122334455667788, 8);
        function.WriteBar(2, SampleFunction.DoorbellPage - 2, [1, 2, 3, 4]);

        Assert.Equal([(SampleFunction.DoorbellPage + 0xFF, 1), (SampleFunction.DoorbellPage, 2)], seen);
        Assert.Equal(0xC6, function.GetMemory(2)!.Read8(SampleFunction.DoorbellPage + 0xFF));
        using var mapped = function.Bars[2]!.Memory!.Map();
        Assert.Equal(0x1122334455667788ul, mapped.Read64(8));
        mapped.Write8(SampleFunction.DoorbellPage + 1, 9);
        Assert.Equal(0x09030201ul, probe.Bar(2, SampleFunction.DoorbellPage - 2, 4) & 0xFFFFFF | (ulong)mapped.Read8(SampleFunction.DoorbellPage + 1) << 24);
        Assert.Equal([new PciMappableArea(0, 0x3000), new PciMappableArea(0x4000, 0x4000)], function.Bars[2]!.Mappable);
        Assert.Null(function.Bars[3]);
        Assert.Null(function.Bars[0]!.Memory);
        Assert.Equal(ulong.MaxValue, probe.Bar(2, 0x8000, 8));
    }

    [Fact]
    public void Registers_WithDecodingOff_AnswerAndAreCounted()
    {
        using PciFunction function = SampleFunction.Create();
        var probe = new FunctionProbe(function);

        Assert.Equal(0x12345678ul, probe.Bar(0, 0x1000));
        probe.SetConfig(0x04, 2, 2);
        Assert.Equal(0x12345678ul, probe.Bar(0, 0x1000));

        Assert.Equal(1, function.Statistics.DecodeOff);
    }

    [Fact]
    public void Reset_OfTheFunction_ResetsRegistersAndKeepsMemory()
    {
        RegisterFile registers = SampleFunction.Registers();
        using PciFunction function = SampleFunction.Create(registers);
        var probe = new FunctionProbe(function);
        probe.SetBar(0, 0x1004, 0xFFFF);
        probe.SetBar(2, 0, 5);
        uint before = 0;
        function.ResetDone += _ => before = registers[0x04];

        function.Reset();

        Assert.Equal((0xF0u, 0xF0ul, 5ul), (before, probe.Bar(0, 0x1004), probe.Bar(2, 0)));
    }

    [Fact]
    public void Accesses_InSteadyState_AllocateNothing()
    {
        using PciFunction function = SampleFunction.Create(SampleFunction.Registers(_ => { }));
        var probe = new FunctionProbe(function) { Listens = false };
        probe.SetConfig(0x04, 6, 2);
        probe.SetConfig(probe.Find(0x11) + 2, 0x8000, 2);
        byte[] data = new byte[64];
        long allocated = 0;
        for (int round = 0; round < 3; round++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 1000; i++)
            {
                function.ReadBar(0, 0x1000, data.AsSpan(0, 8));
                function.WriteBar(0, 0x100C, data.AsSpan(0, 4));
                function.ReadBar(2, 0x20, data.AsSpan(0, 4));
                function.WriteBar(2, 0x21, data);
                function.WriteBar(4, 12, data.AsSpan(0, 4));
                function.ReadConfig(0, data);
                function.WriteConfig(0x3C, data.AsSpan(0, 1));
                function.RaiseInterrupt(0);
                function.RaiseInterrupt(1);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }
}
