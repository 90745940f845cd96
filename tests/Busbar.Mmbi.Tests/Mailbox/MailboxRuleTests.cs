// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>The rules of the mailbox block, one after the other as docs/device.md has them.</summary>
public sealed class MailboxRuleTests
{
    private const MailboxSide Owner = MailboxSide.Owner;
    private const MailboxSide Host = MailboxSide.Discoverer;
    private const uint Data = MailboxFormat.DataEvent;
    private const uint Space = MailboxFormat.SpaceEvent;

    [Fact]
    public void Level_NeedsStatusAndEnableAndGlobalEnable()
    {
        var mailbox = new MailboxSetup();
        mailbox.Write(Owner, 1, MailboxFormat.Set, Data);
        Assert.Empty(mailbox.Interrupts);
        mailbox.Write(Host, MailboxFormat.GlobalEnable, 0b10);
        Assert.Empty(mailbox.Interrupts);
        Assert.Equal(0u, mailbox.Read(Host, MailboxFormat.Summary));

        mailbox.Write(Host, 1, MailboxFormat.Enable, Space);
        Assert.Empty(mailbox.Interrupts);
        mailbox.Write(Host, 1, MailboxFormat.EnableSet, Data);

        Assert.Equal([(Host, 1)], mailbox.Interrupts);
        Assert.Equal(0b10u, mailbox.Read(Host, MailboxFormat.Summary));
        Assert.Equal(Data, mailbox.Read(Host, 1, MailboxFormat.Masked));
        Assert.Equal(0u, mailbox.Read(Owner, MailboxFormat.Summary));
    }

    [Fact]
    public void Message_GoesOnTheRisingEdge_NotAgainWhileUp()
    {
        var mailbox = new MailboxSetup();
        mailbox.EnableHost(0, Data | Space);
        mailbox.Write(Owner, 0, MailboxFormat.Set, Data);
        mailbox.Write(Owner, 0, MailboxFormat.Set, Space);
        Assert.Equal([(Host, 0)], mailbox.Interrupts);
    }

    [Theory]
    [InlineData(MailboxFormat.Status, Data)]
    [InlineData(MailboxFormat.Status, 0u)]
    [InlineData(MailboxFormat.Clear, Data)]
    [InlineData(MailboxFormat.Enable, Data | Space)]
    [InlineData(MailboxFormat.EnableSet, 0u)]
    [InlineData(MailboxFormat.EnableClear, Data)]
    public void Message_GoesAgain_AfterAWriteThatLeavesTheLevelUp(int register, uint value)
    {
        var mailbox = new MailboxSetup();
        mailbox.EnableHost(0, Data | Space);
        mailbox.Write(Owner, 0, MailboxFormat.Set, Data | Space);
        mailbox.Interrupts.Clear();

        mailbox.Write(Host, 0, register, value);

        Assert.Equal([(Host, 0)], mailbox.Interrupts);
    }

    [Fact]
    public void Message_GoesAgain_AfterGlobalEnable_ForEachPairThatIsUp()
    {
        var mailbox = new MailboxSetup(3);
        for (int pair = 0; pair < 3; pair++) mailbox.EnableHost(pair, Data);
        mailbox.Write(Owner, 0, MailboxFormat.Set, Data);
        mailbox.Write(Owner, 2, MailboxFormat.Set, Data);
        mailbox.Interrupts.Clear();

        mailbox.Write(Host, MailboxFormat.GlobalEnable, 0b111);

        Assert.Equal([(Host, 0), (Host, 2)], mailbox.Interrupts);
    }

    [Theory]
    [InlineData(MailboxFormat.Status, Data)]
    [InlineData(MailboxFormat.Enable, 0u)]
    [InlineData(MailboxFormat.EnableClear, Data)]
    public void Message_DoesNotGo_AfterAWriteThatTakesTheLevelDown(int register, uint value)
    {
        var mailbox = new MailboxSetup();
        mailbox.EnableHost(0, Data);
        mailbox.Write(Owner, 0, MailboxFormat.Set, Data);
        mailbox.Interrupts.Clear();

        mailbox.Write(Host, 0, register, value);

        Assert.Empty(mailbox.Interrupts);
    }

    [Fact]
    public void SetAfterClear_Wins_AndInterrupts()
    {
        var mailbox = new MailboxSetup();
        mailbox.EnableHost(0, Data);
        mailbox.Write(Owner, 0, MailboxFormat.Set, Data);
        mailbox.Write(Host, 0, MailboxFormat.Status, Data);
        mailbox.Write(Owner, 0, MailboxFormat.Set, Data);
        Assert.Equal(Data, mailbox.Read(Host, 0, MailboxFormat.Status));
        Assert.Equal([(Host, 0), (Host, 0)], mailbox.Interrupts);
    }

    [Fact]
    public void SetAndClear_FromTwoThreads_NeverLoseTheLastSet()
    {
        var mailbox = new MailboxBlock(1);
        using var barrier = new Barrier(2);
        const int Rounds = 5_000;
        int lost = 0;
        var host = new Thread(() =>
        {
            for (int i = 0; i < Rounds; i++)
            {
                barrier.SignalAndWait();
                mailbox.DiscovererView.Write(MailboxFormat.At(0, MailboxFormat.Status), 4, Data);
                barrier.SignalAndWait();

                // Whichever came first, the two bits of one SET are either both there or were both cleared with it.
                uint status = (uint)mailbox.DiscovererView.Read(MailboxFormat.At(0, MailboxFormat.Status), 4);
                if ((status & Space) == 0) lost++;
                mailbox.DiscovererView.Write(MailboxFormat.At(0, MailboxFormat.Status), 4, MailboxFormat.EventMask);
            }
        });
        host.Start();
        for (int i = 0; i < Rounds; i++)
        {
            barrier.SignalAndWait();
            mailbox.OwnerView.Write(MailboxFormat.At(0, MailboxFormat.Set), 4, Data | Space);
            barrier.SignalAndWait();
        }

        host.Join();
        Assert.Equal(0, lost);
    }

    [Fact]
    public void SetOfAPendingBit_Coalesces_AndDoesNotCount()
    {
        var mailbox = new MailboxSetup();
        for (int i = 0; i < 3; i++) mailbox.Write(Owner, 0, MailboxFormat.Set, Data);
        Assert.Equal(1u, mailbox.Read(Host, 0, MailboxFormat.Count));
        mailbox.Write(Owner, 0, MailboxFormat.Set, Data | Space);
        Assert.Equal(2u, mailbox.Read(Host, 0, MailboxFormat.Count));
        Assert.Equal(0u, mailbox.Read(Owner, 0, MailboxFormat.Count));
    }

    [Fact]
    public void Handler_InTheRightOrder_TakesEverything_EventsDuringItIncluded()
    {
        var block = new MailboxBlock(1);
        using SharedRegion registers = SharedRegion.Trap(MailboxFormat.Length, block.DiscovererView);
        Assert.True(MailboxPort.TryFind(registers, 0, out MailboxPort? port, out string reason), reason);
        port.SetEnabled(0, true);
        block.Set(Owner, 0, Data);
        int late = 0;
        using SharedRegion racing = SharedRegion.Trap(MailboxFormat.Length, new Racing(block, () =>
        {
            if (late++ == 0) block.Set(Owner, 0, Space);
        }));
        Assert.True(MailboxPort.TryFind(racing, 0, out MailboxPort? racer, out reason), reason);

        Assert.Equal(Data | Space, racer.Acknowledge(0));
        Assert.Equal(0u, registers.Read32(MailboxFormat.At(0, MailboxFormat.Masked)));
    }

    [Fact]
    public void Set_WhileThePeerHasNothingEnabled_Latches_ForPollingPeers()
    {
        var mailbox = new MailboxSetup();
        mailbox.Write(Host, 1, MailboxFormat.Set, Data | MailboxFormat.StateEvent);
        Assert.Empty(mailbox.Interrupts);
        Assert.Equal(Data | MailboxFormat.StateEvent, mailbox.Read(Owner, 1, MailboxFormat.Status));
        Assert.Equal(Data | MailboxFormat.StateEvent, mailbox.Read(Host, 1, MailboxFormat.Peer));
        Assert.Equal(0u, mailbox.Read(Owner, 0, MailboxFormat.Status));
    }

    [Fact]
    public void Reset_ClearsEventsEnablesAndCounts_OnBothSides_ButNotVectors()
    {
        var mailbox = new MailboxSetup();
        foreach (MailboxSide side in (MailboxSide[])[Owner, Host])
        {
            mailbox.Write(side, MailboxFormat.GlobalEnable, 0b11);
            mailbox.Write(side, 1, MailboxFormat.Enable, Data);
            mailbox.Write(side, 1, MailboxFormat.Set, Space);
        }

        mailbox.Write(Owner, 1, MailboxFormat.Vector, 5);
        mailbox.Block.Reset();

        foreach (MailboxSide side in (MailboxSide[])[Owner, Host])
        {
            Assert.Equal(0u, mailbox.Read(side, MailboxFormat.GlobalEnable));
            int[] cleared = [MailboxFormat.Status, MailboxFormat.Enable, MailboxFormat.Count, MailboxFormat.Peer];
            foreach (int register in cleared) Assert.Equal(0u, mailbox.Read(side, 1, register));
        }

        Assert.Equal(5u, mailbox.Read(Host, 1, MailboxFormat.Vector));
        Assert.Empty(mailbox.Interrupts);
    }

    [Fact]
    public void LinkReset_ClearsTheEventsOfItsPair_AndNothingElse()
    {
        var mailbox = new MailboxSetup();
        mailbox.EnableHost(0, Data);
        foreach (MailboxSide side in (MailboxSide[])[Owner, Host])
        {
            for (int pair = 0; pair < 2; pair++) mailbox.Write(side, pair, MailboxFormat.Set, Space);
        }

        mailbox.Block.ResetLink(0);

        Assert.Equal((0u, 0u), (mailbox.Read(Owner, 0, MailboxFormat.Status), mailbox.Read(Host, 0, MailboxFormat.Status)));
        Assert.Equal((Space, Space), (mailbox.Read(Owner, 1, MailboxFormat.Status), mailbox.Read(Host, 1, MailboxFormat.Status)));
        Assert.Equal((Data, 1u, 1u), (mailbox.Read(Host, 0, MailboxFormat.Enable), mailbox.Read(Host, MailboxFormat.GlobalEnable), mailbox.Read(Host, 0, MailboxFormat.Count)));
    }

    [Fact]
    public void DoorbellByte_OnSet_RingsThePair_OtherNarrowWritesDoNothing()
    {
        var mailbox = new MailboxSetup();
        IRegionHandler host = mailbox.View(Host);
        host.Write(MailboxFormat.At(1, MailboxFormat.Set), 1, 0x07);
        Assert.Equal(0x07u, mailbox.Read(Owner, 1, MailboxFormat.Status));
        host.Write(MailboxFormat.At(1, MailboxFormat.Set), 2, 0x08);
        host.Write(MailboxFormat.At(1, MailboxFormat.Enable), 1, 0x07);
        host.Write(MailboxFormat.GlobalEnable, 1, 0x03);
        Assert.Equal((0x07u, 0u, 0u), (mailbox.Read(Owner, 1, MailboxFormat.Status), mailbox.Read(Host, 1, MailboxFormat.Enable), mailbox.Read(Host, MailboxFormat.GlobalEnable)));
    }

    [Fact]
    public void Vector_IsTheOwners_AndReadOnlyForTheHost()
    {
        var mailbox = new MailboxSetup();
        mailbox.Write(Host, 0, MailboxFormat.Vector, 9);
        Assert.Equal(0u, mailbox.Read(Host, 0, MailboxFormat.Vector));
        mailbox.Write(Owner, 0, MailboxFormat.Vector, 0x1FF);
        Assert.Equal(0xFFu, mailbox.Read(Host, 0, MailboxFormat.Vector));
        Assert.Equal(0xFF, mailbox.Block.VectorOf(0));
    }

    [Fact]
    public void Offsets_WithoutRegister_ReadZero_IgnoreWrites_AndReadsChangeNothing()
    {
        var mailbox = new MailboxSetup();
        mailbox.EnableHost(0, Data);
        mailbox.Write(Owner, 0, MailboxFormat.Set, Data | Space);
        mailbox.Interrupts.Clear();
        uint[] before = Snapshot();
        int[] writable = [MailboxFormat.GlobalEnable];
        for (int at = 0; at < MailboxFormat.Length; at += 4)
        {
            bool isBank = at >= MailboxFormat.Banks && at < MailboxFormat.At(2, 0);
            bool isReserved = isBank ? (at & 0x3F) > MailboxFormat.Count : at > MailboxFormat.Side;
            if (isReserved) Assert.Equal(0u, mailbox.Read(Host, at));
            if (!isBank && !writable.Contains(at)) mailbox.Write(Host, at, uint.MaxValue);
            if (isBank && isReserved) mailbox.Write(Host, at, uint.MaxValue);
        }

        Assert.Equal(before, Snapshot());
        Assert.Equal(before, Snapshot());
        Assert.Empty(mailbox.Interrupts);

        uint[] Snapshot() => [.. Enumerable.Range(0, MailboxFormat.Length / 4).SelectMany(word => (uint[])[mailbox.Read(Owner, word * 4), mailbox.Read(Host, word * 4)])];
    }

    /// <summary>The host's view of a block where something happens between the read of MASKED and the write to STATUS.</summary>
    private sealed class Racing(MailboxBlock block, Action before) : IRegionHandler
    {
        public ulong Read(int offset, int size) => block.DiscovererView.Read(offset, size);

        public void Write(int offset, int size, ulong value)
        {
            if (offset == MailboxFormat.At(0, MailboxFormat.Status)) before();
            block.DiscovererView.Write(offset, size, value);
        }
    }
}
