// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Pci.Tests;

public sealed class RendezvousPageTests : IDisposable
{
    private const int Length = 16384;
    private const int Page = Length - 4096;
    private const int OwnerSlot0 = Page + 0x400;
    private const int DiscovererSlot0 = Page + 0x600;

    private static readonly Func<int, bool> s_everybodyLives = _ => true;
    private static readonly Func<int, bool> s_everybodyIsDead = _ => false;

    private readonly SharedRegion _window = SharedRegion.Allocate(Length);

    [Fact]
    public void TryFormat_OfAnEmptyWindow_WritesMagicAndVersion()
    {
        var page = new RendezvousPage(_window);
        Assert.False(page.IsPresent);

        RendezvousFormat result = page.TryFormat(0, s_everybodyLives);

        Assert.Equal(RendezvousFormat.Ready, result);
        Assert.True(page.IsPresent);
        Assert.Equal("BBRV"u8.ToArray(), _window.ReadSpan(Page, 4).ToArray());
        Assert.Equal(1u, _window.Read32(Page + 4));
        Assert.Equal(Page, page.UsableLength);
    }

    [Fact]
    public void TryFormat_OverGarbage_ClearsThePageAndNothingElse()
    {
        _window.Span(0, Length).Fill(0xa5);
        var page = new RendezvousPage(_window);

        page.TryFormat(0, s_everybodyLives);

        Assert.True(_window.ReadSpan(Page + 8, 4096 - 8).IndexOfAnyExcept((byte)0) < 0);
        Assert.True(_window.ReadSpan(0, Page).IndexOfAnyExcept((byte)0xa5) < 0);
    }

    [Fact]
    public void TryFormat_OfAPresentPage_KeepsTheClaimsOnIt()
    {
        RendezvousPage first = Formatted();
        Assert.True(first.TryClaim(RendezvousRole.Owner, 0, 4, 0, s_everybodyLives));

        RendezvousFormat result = new RendezvousPage(_window).TryFormat(5, s_everybodyLives);

        Assert.Equal(RendezvousFormat.Ready, result);
        Assert.True(first.IsHeld(RendezvousRole.Owner, 0));
    }

    [Fact]
    public void TryFormat_OfAnotherVersion_LeavesItAlone()
    {
        RendezvousPage page = Formatted();
        _window.Write32(Page + 4, 2);

        Assert.Equal(RendezvousFormat.Incompatible, page.TryFormat(0, s_everybodyIsDead));

        Assert.False(page.IsPresent);
        Assert.False(page.TryClaim(RendezvousRole.Owner, 0, 0, 0, s_everybodyIsDead));
        Assert.Equal(2u, _window.Read32(Page + 4));
    }

    [Fact]
    public void TryFormat_WhileAnotherOwnerIsAtIt_WaitsUnlessThatOneDied()
    {
        _window.Write32(Page, 0xbb5f_0007);
        var page = new RendezvousPage(_window);

        Assert.Equal(RendezvousFormat.Busy, page.TryFormat(3, id => id == 7));
        Assert.Equal(RendezvousFormat.Ready, page.TryFormat(3, s_everybodyIsDead));
    }

    [Fact]
    public void TryClaim_WithoutThePage_WritesNothing()
    {
        var page = new RendezvousPage(_window);

        Assert.False(page.TryClaim(RendezvousRole.Discoverer, 0, 1, 0, s_everybodyLives));
        page.SetWantsDoorbell(RendezvousRole.Discoverer, 0, true);
        page.Release(RendezvousRole.Discoverer, 0);

        Assert.True(_window.ReadSpan(0, Length).IndexOfAnyExcept((byte)0) < 0);
    }

    [Fact]
    public void TryClaim_OfAFreeRole_ShowsPeerGenerationAndVector()
    {
        RendezvousPage page = Formatted();

        Assert.True(page.TryClaim(RendezvousRole.Discoverer, 3, ownId: 65535, vector: 63, s_everybodyLives));

        var other = new RendezvousPage(_window);
        Assert.True(other.TryGetPeer(RendezvousRole.Discoverer, 3, out int peer, out int generation));
        Assert.Equal((65535, 1), (peer, generation));
        Assert.Equal(63, other.PeerVector(RendezvousRole.Discoverer, 3));
        Assert.True(other.PeerWantsDoorbell(RendezvousRole.Discoverer, 3));
        Assert.True(page.IsHeld(RendezvousRole.Discoverer, 3));
        Assert.False(other.IsHeld(RendezvousRole.Discoverer, 3));
        Assert.False(other.TryGetPeer(RendezvousRole.Owner, 3, out _, out _));
    }

    [Fact]
    public void Slots_OfAllRolesAndInstances_AreApart()
    {
        RendezvousPage page = Formatted();
        for (int i = 0; i < 8; i++)
        {
            Assert.True(page.TryClaim(RendezvousRole.Owner, i, 100 + i, i, s_everybodyLives));
            Assert.True(page.TryClaim(RendezvousRole.Discoverer, i, 200 + i, 8 + i, s_everybodyLives));
        }

        for (int i = 0; i < 8; i++)
        {
            Assert.True(page.TryGetPeer(RendezvousRole.Owner, i, out int owner, out _));
            Assert.True(page.TryGetPeer(RendezvousRole.Discoverer, i, out int discoverer, out _));
            Assert.Equal((100 + i, 200 + i), (owner, discoverer));
            Assert.Equal(101u + (uint)i, _window.Read32(OwnerSlot0 + (64 * i)) & 0x1ffff);
            Assert.Equal(201u + (uint)i, _window.Read32(DiscovererSlot0 + (64 * i)) & 0x1ffff);
            Assert.Equal((i, 8 + i), (page.PeerVector(RendezvousRole.Owner, i), page.PeerVector(RendezvousRole.Discoverer, i)));
        }
    }

    [Fact]
    public void TryClaim_WhileALivingPeerHoldsIt_IsRefused()
    {
        Assert.True(Formatted().TryClaim(RendezvousRole.Owner, 0, 4, 0, s_everybodyLives));
        var second = new RendezvousPage(_window);

        Assert.False(second.TryClaim(RendezvousRole.Owner, 0, 5, 0, id => id == 4));

        Assert.True(second.TryGetPeer(RendezvousRole.Owner, 0, out int peer, out _));
        Assert.Equal(4, peer);
    }

    [Fact]
    public void TryClaim_OfADeadPeersRole_ReplacesItInTheNextGeneration()
    {
        RendezvousPage first = Formatted();
        Assert.True(first.TryClaim(RendezvousRole.Owner, 0, 4, 0, s_everybodyLives));
        var second = new RendezvousPage(_window);

        Assert.True(second.TryClaim(RendezvousRole.Owner, 0, 5, 0, s_everybodyIsDead));

        Assert.True(second.TryGetPeer(RendezvousRole.Owner, 0, out int peer, out int generation));
        Assert.Equal((5, 2), (peer, generation));
        Assert.False(first.IsHeld(RendezvousRole.Owner, 0));
    }

    [Fact]
    public void TryClaim_OfALeftoverUnderOurOwnId_ReplacesIt()
    {
        Assert.True(Formatted().TryClaim(RendezvousRole.Owner, 0, 4, 0, s_everybodyLives));

        Assert.True(new RendezvousPage(_window).TryClaim(RendezvousRole.Owner, 0, 4, 0, s_everybodyLives));
    }

    [Fact]
    public void TryClaim_OfWhatIsHeldAlready_KeepsTheGeneration()
    {
        RendezvousPage page = Formatted();
        Assert.True(page.TryClaim(RendezvousRole.Owner, 0, 4, 0, s_everybodyLives));

        Assert.True(page.TryClaim(RendezvousRole.Owner, 0, 4, 0, s_everybodyLives));

        Assert.True(page.TryGetPeer(RendezvousRole.Owner, 0, out _, out int generation));
        Assert.Equal(1, generation);
    }

    [Fact]
    public void Release_OfARole_FreesItAndKeepsTheCount()
    {
        RendezvousPage page = Formatted();
        page.TryClaim(RendezvousRole.Owner, 0, 4, 0, s_everybodyLives);

        page.Release(RendezvousRole.Owner, 0);

        Assert.False(page.TryGetPeer(RendezvousRole.Owner, 0, out _, out _));
        Assert.True(page.TryClaim(RendezvousRole.Owner, 0, 9, 0, s_everybodyLives));
        Assert.True(page.TryGetPeer(RendezvousRole.Owner, 0, out int peer, out int generation));
        Assert.Equal((9, 2), (peer, generation));
    }

    [Fact]
    public void Release_AfterAnotherTookOver_LeavesTheirClaim()
    {
        RendezvousPage first = Formatted();
        first.TryClaim(RendezvousRole.Owner, 0, 4, 0, s_everybodyLives);
        var second = new RendezvousPage(_window);
        second.TryClaim(RendezvousRole.Owner, 0, 5, 0, s_everybodyIsDead);

        first.SetWantsDoorbell(RendezvousRole.Owner, 0, false);
        first.Release(RendezvousRole.Owner, 0);

        Assert.True(second.IsHeld(RendezvousRole.Owner, 0));
        Assert.True(second.PeerWantsDoorbell(RendezvousRole.Owner, 0));
    }

    [Fact]
    public void Generation_AfterItsLargestValue_StartsAgain()
    {
        RendezvousPage page = Formatted();
        _window.Write32(OwnerSlot0, 32767u << 17);

        Assert.True(page.TryClaim(RendezvousRole.Owner, 0, 4, 0, s_everybodyLives));

        Assert.True(page.TryGetPeer(RendezvousRole.Owner, 0, out int peer, out int generation));
        Assert.Equal((4, 0), (peer, generation));
    }

    [Theory]
    [InlineData(0u, false)]
    [InlineData(1u, true)]
    [InlineData(0x8000_0000u, true)]
    [InlineData(uint.MaxValue, true)]
    public void PeerWantsDoorbell_OnlyOnAPlainZero_SavesTheRing(uint word, bool wanted)
    {
        RendezvousPage page = Formatted();
        _window.Write32(DiscovererSlot0 + 4, word);

        Assert.Equal(wanted, page.PeerWantsDoorbell(RendezvousRole.Discoverer, 0));
    }

    [Fact]
    public void SetWantsDoorbell_BackAndForth_IsWhatTheOtherEndSees()
    {
        RendezvousPage page = Formatted();
        page.TryClaim(RendezvousRole.Owner, 2, 4, 0, s_everybodyLives);
        var other = new RendezvousPage(_window);

        page.SetWantsDoorbell(RendezvousRole.Owner, 2, false);
        Assert.False(other.PeerWantsDoorbell(RendezvousRole.Owner, 2));
        page.SetWantsDoorbell(RendezvousRole.Owner, 2, true);
        Assert.True(other.PeerWantsDoorbell(RendezvousRole.Owner, 2));
    }

    [Theory]
    [InlineData(0x0001_0001u)]
    [InlineData(0x0001_ffffu)]
    [InlineData(0xffff_ffffu)]
    public void HolderWord_WithAnImpossiblePeer_CountsAsNobody(uint word)
    {
        RendezvousPage page = Formatted();
        _window.Write32(OwnerSlot0, word);

        Assert.False(page.TryGetPeer(RendezvousRole.Owner, 0, out _, out _));
        Assert.True(page.TryClaim(RendezvousRole.Owner, 0, 4, 0, s_everybodyLives));
    }

    [Fact]
    public void PeerVector_OfGarbage_IsInRange()
    {
        RendezvousPage page = Formatted();
        _window.Write32(OwnerSlot0 + 8, 0xffff_ffff);

        Assert.InRange(page.PeerVector(RendezvousRole.Owner, 0), 0, 63);
    }

    [Fact]
    public void Arguments_OutOfRange_Throw()
    {
        RendezvousPage page = Formatted();

        Assert.Throws<ArgumentOutOfRangeException>(() => page.TryGetPeer(RendezvousRole.Owner, 8, out _, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => page.TryGetPeer(RendezvousRole.Owner, -1, out _, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => page.TryGetPeer((RendezvousRole)2, 0, out _, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => page.TryClaim(RendezvousRole.Owner, 0, 65536, 0, s_everybodyLives));
        Assert.Throws<ArgumentOutOfRangeException>(() => page.TryClaim(RendezvousRole.Owner, 0, -1, 0, s_everybodyLives));
        Assert.Throws<ArgumentOutOfRangeException>(() => page.TryClaim(RendezvousRole.Owner, 0, 0, 64, s_everybodyLives));
        using SharedRegion small = SharedRegion.Allocate(4096);
        Assert.Throws<ArgumentException>(() => new RendezvousPage(small));
    }

    [Fact]
    public void TryClaim_WhenAnotherClaimsBetweenTheLookAndTheExchange_IsRefused()
    {
        Assert.True(Formatted().TryClaim(RendezvousRole.Owner, 0, 4, 0, s_everybodyLives));
        RendezvousPage slow = new(_window);
        RendezvousPage quick = new(_window);

        bool slowWon = slow.TryClaim(RendezvousRole.Owner, 0, 5, 0, _ => !quick.TryClaim(RendezvousRole.Owner, 0, 6, 0, s_everybodyIsDead));

        Assert.False(slowWon);
        Assert.False(slow.IsHeld(RendezvousRole.Owner, 0));
        Assert.True(quick.IsHeld(RendezvousRole.Owner, 0));
    }

    [Fact]
    public void TryFormat_WhenAnotherFormatsBetweenTheLookAndTheExchange_WipesNothing()
    {
        _window.Write32(Page, 0xbb5f_0007);
        RendezvousPage slow = new(_window);
        RendezvousPage quick = new(_window);

        RendezvousFormat result = slow.TryFormat(1, _ =>
        {
            quick.TryFormat(2, s_everybodyIsDead);
            quick.TryClaim(RendezvousRole.Owner, 3, 2, 0, s_everybodyIsDead);
            return false;
        });

        Assert.Equal(RendezvousFormat.Busy, result);
        Assert.True(quick.IsHeld(RendezvousRole.Owner, 3));
    }

    [Fact]
    public void TryClaim_ByTwoThreadsAtOnce_SucceedsForExactlyOne()
    {
        const int Rounds = 300;
        Formatted();
        RendezvousPage[] pages = [new(_window), new(_window)];
        var won = new bool[2];
        var overlaps = new List<int>();
        using var start = new Barrier(3);
        Thread[] threads = [.. Enumerable.Range(0, 2).Select(i => new Thread(() => Claim(pages[i], 10 + i, start, Rounds, out won[i])))];
        foreach (Thread thread in threads) thread.Start();

        for (int round = 0; round < Rounds; round++)
        {
            start.SignalAndWait();
            start.SignalAndWait();
            if (won[0] == won[1]) overlaps.Add(round);
            pages[0].Release(RendezvousRole.Owner, 0);
            pages[1].Release(RendezvousRole.Owner, 0);
        }

        foreach (Thread thread in threads) Assert.True(thread.Join(5000));
        Assert.Empty(overlaps);
    }

    [Fact]
    public void TryFormat_ByTwoOwnersOfDifferentInstancesAtOnce_LosesNoClaim()
    {
        for (int round = 0; round < 500; round++)
        {
            using SharedRegion window = SharedRegion.Allocate(Length);
            RendezvousPage[] pages = [new(window), new(window)];

            Parallel.For(0, 2, i =>
            {
                while (pages[i].TryFormat(i, s_everybodyLives) != RendezvousFormat.Ready) Thread.Yield();
                Assert.True(pages[i].TryClaim(RendezvousRole.Owner, i, i, 0, s_everybodyLives));
            });

            Assert.True(pages[0].IsHeld(RendezvousRole.Owner, 0) && pages[1].IsHeld(RendezvousRole.Owner, 1));
        }
    }

    public void Dispose() => _window.Dispose();

    private static void Claim(RendezvousPage page, int id, Barrier start, int rounds, out bool won)
    {
        won = false;
        for (int round = 0; round < rounds; round++)
        {
            start.SignalAndWait();
            won = page.TryClaim(RendezvousRole.Owner, 0, id, 0, s_everybodyLives);
            start.SignalAndWait();
        }
    }

    private RendezvousPage Formatted()
    {
        var page = new RendezvousPage(_window);
        Assert.Equal(RendezvousFormat.Ready, page.TryFormat(0, s_everybodyLives));
        return page;
    }
}
