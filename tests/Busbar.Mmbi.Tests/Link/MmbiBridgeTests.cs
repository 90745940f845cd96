// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>A bridge between an MMBI link and one that has no room: the ring keeps what cannot go on.</summary>
public sealed class MmbiBridgeTests
{
    private const int Packets = 40;

    [Fact]
    public void FullLinkBehind_LeavesPacketsInTheRing_AndLosesNone()
    {
        using LinkPair pair = new LinkPair(mtu: 68).Up();
        (PairLink near, PairLink end) = PairLink.Create(mtu: 68, capacity: 1024);
        var far = new MctpStack();
        far.AddLink(end);
        MctpSocketCore raw = far.OpenSocket(MctpSocketKind.Raw);
        far.Bind(raw, default);
        MctpStack bridge = pair.OwnerStack;
        bridge.Forwards = true;
        bridge.AddLink(near);
        bridge.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(20), near));
        MmbiStatistics statistics = pair.OwnerLink.Channel!.Statistics;
        long before = statistics.PacketsReceived;
        pair.HostStack.AddRoute(MctpRoute.Via(new Eid(20), new Eid(20), LinkPair.OwnerEid));
        var answer = new MctpEndPoint(new Eid(20), new MessageType(0x7E), MctpTag.Unowned(1));
        for (int i = 0; i < Packets; i++) Assert.Equal(SendStatus.Ok, pair.HostStack.Send(pair.HostSocket, answer, new byte[63], pair.Now));

        var buffer = new byte[100];
        long taken = 0;
        pair.Run(1);
        Assert.InRange(bridge.Statistics.PacketsForwarded, 1, Packets - 1);
        Assert.Equal(pair.Now + 1, bridge.NextDeadline);
        Assert.True(pair.OwnerLink.PrepareSleep(), "a thread may sleep until then, although packets wait");
        pair.OwnerLink.CancelSleep();
        Assert.True(pair.OwnerLink.HasNews);
        for (int turn = 0; turn < 10; turn++)
        {
            far.Poll(pair.Now, 100);
            while (far.TryReceive(raw, buffer, out _)) taken++;
            pair.Run(1);
        }

        Assert.Equal(Packets, taken);
        Assert.Equal(0, bridge.Statistics.Drops.Total);
        Assert.Equal(Packets, statistics.PacketsReceived - before);
        Assert.Equal(Packets, pair.OwnerLink.Statistics.PacketsReceived);
    }
}
