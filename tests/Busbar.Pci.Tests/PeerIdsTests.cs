// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Pci.Tests;

public sealed class PeerIdsTests
{
    [Fact]
    public void TryTake_AfterTheLargest_StartsAgainAndSkipsThoseInUse()
    {
        var ids = new PeerIds(first: 65535);

        int[] taken = [Take(ids), Take(ids), Take(ids)];
        for (int i = 2; i < 65535; i++) ids.Return(Take(ids));
        int afterWrap = Take(ids);

        Assert.Equal([65535, 0, 1], taken);
        Assert.Equal(2, afterWrap);
    }

    [Fact]
    public void TryTake_OfEveryId_GivesEachOnceAndThenNone()
    {
        var ids = new PeerIds(first: 40000);

        var taken = new HashSet<int>();
        for (int i = 0; i < 65536; i++) taken.Add(Take(ids));

        Assert.Equal(65536, taken.Count);
        Assert.False(ids.TryTake(out _));
        ids.Return(123);
        Assert.Equal(123, Take(ids));
    }

    [Fact]
    public void Return_OfAnId_DoesNotMakeItTheNextOne()
    {
        var ids = new PeerIds(first: 0);

        ids.Return(Take(ids));

        Assert.Equal(1, Take(ids));
    }

    private static int Take(PeerIds ids)
    {
        Assert.True(ids.TryTake(out int id));
        return id;
    }
}
