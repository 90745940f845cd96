// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>What a link that goes down takes with it.</summary>
public sealed class LinkStateTests
{
    private readonly Core _core = new();

    [Fact]
    public void LinkDown_IsReportedOnceWithItsTime()
    {
        var seen = new List<(string, bool, long)>();
        _core.Stack.LinkChanged += (link, up, now) => seen.Add((link.Name, up, now));

        _core.Wire.Near.SetUp(up: false, 2_000);
        _core.Wire.Near.SetUp(up: false, 2_001);
        _core.Wire.Near.SetUp(up: true, 3_000);

        Assert.Equal([("wirea", false, 2_000), ("wirea", true, 3_000)], seen);
    }

    [Fact]
    public void LinkDown_EndsItsAssembliesButNotThoseOfOtherLinks()
    {
        MctpSocketCore socket = _core.OpenBound();
        var second = new WireEnd(_core.Stack);
        foreach (WireEnd wire in new[] { _core.Wire, second }) wire.Send(9, 8, Core.Flags(som: true), [Core.Vendor, .. new byte[63]]);
        _core.Poll();
        _core.Wire.Near.SetUp(up: false, _core.Now);
        second.Send(9, 8, Core.Flags(eom: true, sequence: 1), [1]);

        Assert.NotNull(_core.Receive(socket));
        Assert.Equal(1, _core.Drops[DropReason.LinkDown]);
        Assert.Equal(0, _core.Stack.RunningAssemblies);
    }

    [Fact]
    public void LinkDown_FailsTheRequestsThatWereOutstandingThere()
    {
        var second = new WireEnd(_core.Stack);
        _core.Stack.AddAddress(second.Near, new Eid(8));
        _core.Stack.AddRoute(MctpRoute.Direct(new Eid(15), new Eid(15), second.Near));
        MctpSocketCore hit = _core.Stack.OpenSocket();
        MctpSocketCore spared = _core.Stack.OpenSocket();
        MctpSocketCore idle = _core.Stack.OpenSocket();
        _core.Request(hit);
        _core.Request(spared, peer: 15);

        _core.Wire.Near.SetUp(up: false, _core.Now);

        Assert.True(hit.HasEvent);
        Assert.Equal(SocketFault.LinkDown, hit.TakeError());
        Assert.Equal(SocketFault.None, hit.TakeError());
        Assert.Equal(SocketFault.None, spared.TakeError());
        Assert.Equal(SocketFault.None, idle.TakeError());
    }

    [Fact]
    public void LinkDown_CoolsTheTagsOfFailedRequests()
    {
        MctpSocketCore socket = _core.Stack.OpenSocket();
        for (int i = 0; i < 8; i++) _core.Request(socket);
        _core.Wire.Near.SetUp(up: false, _core.Now);
        _core.Wire.Near.SetUp(up: true, _core.Now);
        _core.Arrive(9, 8, owner: false, tag: 0);
        _core.Poll();

        Assert.Equal(1, _core.Drops[DropReason.ExpiredTag]);
        Assert.Equal(SendStatus.NoTag, _core.Stack.Send(socket, Core.Peer(9), [1], _core.Now));
        Assert.Equal(SendStatus.Ok, _core.Stack.Send(socket, Core.Peer(9), [1], _core.Now + 2_000));
    }

    [Fact]
    public void LinkDown_TellsTheOwnerOfAPreallocatedTagThatIsInUse()
    {
        MctpSocketCore waiting = _core.Stack.OpenSocket();
        MctpSocketCore idle = _core.Stack.OpenSocket();
        MctpTag tag = _core.Stack.AllocateTag(waiting, Core.Peer(9), _core.Now)!.Value;
        _core.Stack.AllocateTag(idle, Core.Peer(9), _core.Now);
        _core.Stack.Send(waiting, Core.Peer(9) with { Tag = tag }, [1], _core.Now);

        _core.Wire.Near.SetUp(up: false, _core.Now);
        _core.Wire.Near.SetUp(up: true, _core.Now);

        Assert.Equal(SocketFault.LinkDown, waiting.TakeError());
        Assert.Equal(SocketFault.None, idle.TakeError());
        Assert.Equal(SendStatus.Ok, _core.Stack.Send(waiting, Core.Peer(9) with { Tag = tag }, [1], _core.Now));
    }

    [Fact]
    public void LinkDown_ForgetsLearnedNeighboursOnly()
    {
        _core.Stack.SetNeighbour(_core.Link, new Eid(9), WireEnd.Address("10"));
        _core.Stack.SetNeighbour(_core.Link, new Eid(20), WireEnd.Address("20"), isLearned: true);

        _core.Wire.Near.SetUp(up: false, _core.Now);

        Assert.Equal(new Eid(9), _core.Stack.Neighbours().Single().Eid);
    }

    [Fact]
    public void RemoveLink_DuringTraffic_LeavesNothingBehind()
    {
        MctpSocketCore socket = _core.OpenBound();
        _core.Request(socket);
        _core.Wire.Send(9, 8, Core.Flags(som: true), [Core.Vendor, .. new byte[63]]);
        _core.Arrive(9, 8, tag: 1);
        _core.Poll();
        _core.Stack.RemoveLink(_core.Link, _core.Now);

        Assert.Equal(SocketFault.LinkDown, socket.TakeError());
        Assert.Equal(0, _core.Stack.RunningAssemblies);
        Assert.Equal(0, _core.Stack.ReassemblyBytes);
        Assert.NotNull(_core.Receive(socket, out MctpReceiveResult result));
        Assert.Equal(0, result.From.Link);
        Assert.Equal(long.MaxValue, DeadlineAfterEverything());
    }

    [Fact]
    public void RemovedLink_ThatIsAddedAgain_WorksUnderANewIndex()
    {
        int before = _core.Link.Index;
        _core.Stack.RemoveLink(_core.Link, _core.Now);
        _core.Stack.AddLink(_core.Link);
        _core.Wire.Near.SetUp(up: true, _core.Now);
        _core.Stack.AddAddress(_core.Link, new Eid(8));
        MctpSocketCore socket = _core.OpenBound();
        _core.Arrive(9, 8);

        Assert.NotNull(_core.Receive(socket));
        Assert.NotEqual(before, _core.Link.Index);
    }

    [Fact]
    public void Drop_OfALinksOwn_IsCountedThereAndInTheStack()
    {
        AddressedEnd end = new AddressedEnd(_core.Stack).Attach();

        end.Lose(DropReason.BadPacketIntegrity);

        Assert.Equal(1, end.Statistics.Drops[DropReason.BadPacketIntegrity]);
        Assert.Equal(1, _core.Drops[DropReason.BadPacketIntegrity]);
        Assert.Equal(0, _core.Link.Statistics.Drops.Total);
    }

    [Fact]
    public void LinkRemoved_WhileItIsPolled_TakesNoMorePackets()
    {
        MctpSocketCore socket = _core.OpenBound(type: 5);
        _core.Stack.LinkChanged += (link, _, now) => _core.Stack.RemoveLink(link, now);
        var flaky = new FlakyEnd();
        _core.Stack.AddLink(flaky);

        _core.Poll();
        _core.Poll();

        Assert.Equal(0, socket.QueuedMessages);
        Assert.Equal(0, flaky.Index);
        Assert.Single(_core.Stack.Links);
        Assert.Equal(0, _core.Stack.RunningAssemblies);
    }

    private long DeadlineAfterEverything()
    {
        _core.PollAt(_core.Now + 10_000);
        return _core.Stack.NextDeadline;
    }

    // Goes down in the middle of its turn and still delivers.
    private sealed class FlakyEnd : MctpLink
    {
        public FlakyEnd()
            : base("flaky", PhysicalBinding.Unspecified) => ReportState(up: true, now: 0);

        public override SendRoom Room(int packets, int bytes) => SendRoom.Down;

        public override bool Write(in PhysicalAddress to, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second) => false;

        public override void Flush()
        {
        }

        public override void Poll(ref PollContext context)
        {
            ReportState(up: false, context.Now);
            context.Deliver(this, MctpHeader.Read([1, 8, 9, 0x88]), new byte[64], default);
            context.Deliver(this, MctpHeader.Read([1, 8, 9, 0xC8]), [5, 1], default);
        }
    }
}
