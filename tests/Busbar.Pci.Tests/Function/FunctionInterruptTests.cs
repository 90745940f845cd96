// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Pci.Tests;

/// <summary>INTx, MSI and MSI-X: which is active, what waits, what a reset drops.</summary>
public sealed class FunctionInterruptTests
{
    private const int Command = 0x04;
    private const int BusMaster = 4;
    private const int IntxDisable = 0x400;
    private const int ControlWord = 12;

    [Fact]
    public void Msix_MaskedVector_PendsAndIsSentOnceOnUnmask()
    {
        using PciFunction function = SampleFunction.Create();
        FunctionProbe probe = WithMsix(function);
        probe.SetBar(4, (65 * 16) + ControlWord, 0);

        Assert.Equal(PciInterruptOutcome.Sent, function.RaiseInterrupt(65));
        Assert.Equal(PciInterruptOutcome.Pending, function.RaiseInterrupt(66));
        Assert.Equal(PciInterruptOutcome.Pending, function.RaiseInterrupt(66));
        Assert.Equal([65], probe.TakeVectors());
        Assert.Equal(4ul, probe.Bar(4, SampleFunction.PendingOffset + 8, 8));
        Assert.Equal(4ul, probe.Bar(4, SampleFunction.PendingOffset + 8, 1));

        probe.SetBar(4, (66 * 16) + ControlWord, 0);
        Assert.Equal([66], probe.TakeVectors());
        Assert.Equal(0ul, probe.Bar(4, SampleFunction.PendingOffset + 8, 8));
        probe.SetBar(4, (66 * 16) + ControlWord, 1);
        probe.SetBar(4, (66 * 16) + ControlWord, 0);
        Assert.Empty(probe.TakeVectors());
        Assert.Equal((2, 2, 0), Counts(function));
    }

    [Fact]
    public void Msix_FunctionMasked_HoldsAllAndLetsUnmaskedOnesGo()
    {
        using PciFunction function = SampleFunction.Create();
        FunctionProbe probe = WithMsix(function, masked: true);
        foreach (int vector in new[] { 0, 3, 69 }) probe.SetBar(4, (vector * 16) + ControlWord, 0);

        foreach (int vector in new[] { 69, 0, 5 }) Assert.Equal(PciInterruptOutcome.Pending, function.RaiseInterrupt(vector));
        Assert.Empty(probe.TakeVectors());
        probe.SetConfig(probe.Find(0x11) + 2, 0x8000, 2);

        Assert.Equal([0, 69], probe.TakeVectors());
        Assert.Equal(1ul << 5, probe.Bar(4, SampleFunction.PendingOffset, 8));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Msix_Reset_MasksTheTableAndDropsWhatWaits(bool functionLevel)
    {
        using PciFunction function = SampleFunction.Create();
        FunctionProbe probe = WithMsix(function);
        var kinds = new List<PciResetKind>();
        function.ResetDone += kinds.Add;
        probe.SetBar(4, 0, 0xFEE00000);
        probe.SetBar(4, ControlWord, 0);
        function.RaiseInterrupt(7);

        if (functionLevel) probe.SetConfig(probe.Find(0x10) + 8, 0x8000, 2);
        else function.Reset();

        Assert.Equal([functionLevel ? PciResetKind.FunctionLevel : PciResetKind.Conventional], kinds);
        Assert.Equal(0u, probe.Config(probe.Find(0x11) + 2, 2) & 0xC000);
        Assert.Equal((0ul, 1ul), (probe.Bar(4, 0), probe.Bar(4, ControlWord)));
        Assert.Equal(0u, probe.Config(Command, 2));
        Assert.Equal(0u, probe.Config(probe.Find(0x10) + 8, 2) & 0x8000);
        _ = WithMsix(function, probe);
        for (int vector = 0; vector < SampleFunction.Vectors; vector++) probe.SetBar(4, (vector * 16) + ControlWord, 0);
        Assert.Empty(probe.TakeVectors());
    }

    [Fact]
    public void Msix_HostKeepsTheTable_MasksHereDoNotMatter()
    {
        using PciFunction function = SampleFunction.Create();
        var probe = new FunctionProbe(function) { MasksMsix = true };
        WithMsix(function, probe, masked: true);

        Assert.Equal(PciInterruptOutcome.Sent, function.RaiseInterrupt(9));
        Assert.Equal([(PciInterruptKind.Msix, 9, true)], probe.Interrupts);
    }

    [Fact]
    public void Messages_WithoutBusMaster_WaitForIt()
    {
        using PciFunction function = SampleFunction.Create(msi: PciFunctionCapability.Msi(4), msix: false);
        var probe = new FunctionProbe(function);
        probe.SetConfig(probe.Find(0x05) + 2, 0x21, 2);

        Assert.Equal(PciInterruptOutcome.Pending, function.RaiseInterrupt(2));
        Assert.Empty(probe.TakeVectors());
        probe.SetConfig(Command, BusMaster, 2);
        Assert.Equal([(PciInterruptKind.Msi, 2, true)], probe.Interrupts);
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 5)]
    [InlineData(7, 5)]
    public void Msi_FewerVectorsGranted_Wraps(int exponent, int expected)
    {
        using PciFunction function = SampleFunction.Create(msi: PciFunctionCapability.Msi(8), msix: false);
        var probe = new FunctionProbe(function);
        probe.SetConfig(Command, BusMaster, 2);
        probe.SetConfig(probe.Find(0x05) + 2, 1u | ((uint)exponent << 4), 2);

        function.RaiseInterrupt(5);

        Assert.Equal([expected], probe.TakeVectors());
    }

    [Theory]
    [InlineData(false, 0x0C)]
    [InlineData(true, 0x10)]
    public void Msi_MaskedVector_PendsAndIsSentOnUnmask(bool is64Bit, int maskOffset)
    {
        using PciFunction function = SampleFunction.Create(msi: PciFunctionCapability.Msi(32, is64Bit, hasMasks: true), msix: false);
        var probe = new FunctionProbe(function);
        int msi = probe.Find(0x05);
        probe.SetConfig(Command, BusMaster, 2);
        probe.SetConfig(msi + maskOffset, 0x8000_0001, 4);
        probe.SetConfig(msi + 2, 0x51, 2);

        function.RaiseInterrupt(31);
        function.RaiseInterrupt(1);
        Assert.Equal([1], probe.TakeVectors());
        Assert.Equal(0x8000_0000u, probe.Config(msi + maskOffset + 4));
        probe.SetConfig(msi + maskOffset, 0, 4);

        Assert.Equal([31], probe.TakeVectors());
        Assert.Equal(0u, probe.Config(msi + maskOffset + 4));
    }

    [Fact]
    public void Msi_PendingBeyondWhatIsGrantedNow_WaitsForTheMaskOfTheVectorItWrapsTo()
    {
        using PciFunction function = SampleFunction.Create(msi: PciFunctionCapability.Msi(4, is64Bit: true, hasMasks: true), msix: false);
        var probe = new FunctionProbe(function);
        int msi = probe.Find(0x05);
        probe.SetConfig(Command, BusMaster, 2);
        probe.SetConfig(msi + 0x10, 0b1010, 4);
        probe.SetConfig(msi + 2, 0x21, 2);
        function.RaiseInterrupt(3);

        probe.SetConfig(msi + 2, 0x11, 2);
        probe.SetConfig(msi + 0x10, 0b0010, 4);
        Assert.Empty(probe.TakeVectors());
        probe.SetConfig(msi + 0x10, 0, 4);

        Assert.Equal([1], probe.TakeVectors());
    }

    [Fact]
    public void Intx_Level_ReachesTheHostOnlyWhileNoMessagesAreEnabled()
    {
        using PciFunction function = SampleFunction.Create();
        var probe = new FunctionProbe(function);
        int msix = probe.Find(0x11);

        function.SetIntx(true);
        function.SetIntx(true);
        Assert.Equal([(PciInterruptKind.Intx, 0, true)], probe.Interrupts);
        Assert.NotEqual(0u, probe.Config(0x06, 2) & 8);

        probe.SetConfig(Command, IntxDisable, 2);
        Assert.Equal((PciInterruptKind.Intx, 0, false), probe.Interrupts[^1]);
        Assert.NotEqual(0u, probe.Config(0x06, 2) & 8);
        probe.SetConfig(Command, 0, 2);
        Assert.Equal((PciInterruptKind.Intx, 0, true), probe.Interrupts[^1]);

        probe.SetConfig(msix + 2, 0x8000, 2);
        Assert.Equal((PciInterruptKind.Intx, 0, false), probe.Interrupts[^1]);
        probe.SetConfig(msix + 2, 0, 2);
        Assert.Equal((PciInterruptKind.Intx, 0, true), probe.Interrupts[^1]);

        function.SetIntx(false);
        Assert.Equal((PciInterruptKind.Intx, 0, false), probe.Interrupts[^1]);
        Assert.Equal(6, probe.Interrupts.Count);
        Assert.Equal(0u, probe.Config(0x06, 2) & 8);
    }

    [Fact]
    public void Intx_Raised_StaysUntilLoweredOrReset()
    {
        using PciFunction function = SampleFunction.Create();
        var probe = new FunctionProbe(function);

        Assert.Equal(PciInterruptOutcome.Sent, function.RaiseInterrupt(3));
        function.Reset();

        Assert.Equal([(PciInterruptKind.Intx, 0, true), (PciInterruptKind.Intx, 0, false)], probe.Interrupts);
    }

    [Fact]
    public void Interrupts_NobodyTakes_AreCountedAsLost()
    {
        using PciFunction function = SampleFunction.Create(pin: 0);
        Assert.Equal(PciInterruptOutcome.Lost, function.RaiseInterrupt(0));
        FunctionProbe probe = WithMsix(function);
        probe.SetBar(4, ControlWord, 0);
        probe.Listens = false;

        Assert.Equal(PciInterruptOutcome.Lost, function.RaiseInterrupt(0));
        Assert.Equal(PciInterruptOutcome.Lost, function.RaiseInterrupt(-1));
        Assert.Equal(PciInterruptOutcome.Lost, function.RaiseInterrupt(SampleFunction.Vectors));
        Assert.Equal((0, 0, 4), Counts(function));
    }

    [Fact]
    public void ActiveInterrupt_AsTheDriverSwitches_FollowsAndIsTold()
    {
        using PciFunction function = SampleFunction.Create(msi: PciFunctionCapability.Msi());
        var probe = new FunctionProbe(function);
        var seen = new List<PciInterruptKind?>();
        function.ActiveInterruptChanged += () => seen.Add(function.ActiveInterrupt);

        probe.SetConfig(probe.Find(0x05) + 2, 1, 2);
        probe.SetConfig(probe.Find(0x11) + 2, 0x8000, 2);
        function.Reset();
        probe.SetConfig(Command, IntxDisable, 2);

        Assert.Equal([PciInterruptKind.Msi, PciInterruptKind.Msix, PciInterruptKind.Intx, null], seen);
    }

    [Fact]
    public void Plug_WithTheLevelUp_TellsTheNewHostAndReleasesTheOld()
    {
        using PciFunction function = SampleFunction.Create();
        var first = new FunctionProbe(function);
        function.SetIntx(true);

        var second = new FunctionProbe(function);

        Assert.Equal([true, false], first.Interrupts.Select(interrupt => interrupt.Level));
        Assert.Equal([true], second.Interrupts.Select(interrupt => interrupt.Level));
    }

    [Fact]
    public async Task Raise_UnderTheDevicesLockWhileAGuestsAccessWantsIt_DoesNotDeadlock()
    {
        var gate = new Lock();
        PciFunction? device = null;
        RegisterFile registers = SampleFunction.Registers(_ =>
        {
            lock (gate) device!.RaiseInterrupt(1);
        });
        using PciFunction function = device = SampleFunction.Create(registers);
        FunctionProbe probe = WithMsix(function);
        probe.Listens = false;
        Task own = Task.Run(() =>
        {
            for (int i = 0; i < 20_000; i++)
            {
                lock (gate) function.RaiseInterrupt(1);
            }
        });

        for (int i = 0; i < 20_000; i++) probe.SetBar(0, 0x100C, 1);

        await own.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(40_000, function.Statistics.InterruptsPended);
    }

    private static (long Sent, long Pended, long Lost) Counts(PciFunction function) =>
        (function.Statistics.InterruptsSent, function.Statistics.InterruptsPended, function.Statistics.InterruptsLost);

    private static FunctionProbe WithMsix(PciFunction function, bool masked = false) => WithMsix(function, new FunctionProbe(function), masked);

    private static FunctionProbe WithMsix(PciFunction function, FunctionProbe probe, bool masked = false)
    {
        Assert.Equal(SampleFunction.Vectors, function.GetInterruptCount(PciInterruptKind.Msix));
        probe.SetConfig(Command, BusMaster | 2, 2);
        probe.SetConfig(probe.Find(0x11) + 2, masked ? 0xC000u : 0x8000u, 2);
        return probe;
    }
}
