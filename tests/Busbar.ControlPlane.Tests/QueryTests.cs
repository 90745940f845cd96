// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

public sealed class QueryTests
{
    private static MctpEndPoint At(FakePeer peer) => new(Eid.Null, MessageType.Control, MctpTag.Owner, 1, peer.Link, peer.Address);

    [Fact]
    public void Ask_ManyOfOneResponder_OneAtATimeAndInOrder()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        peer.Delay = TimeSpan.FromMilliseconds(100);
        ControlCommand[] commands = [ControlCommand.GetEndpointId, ControlCommand.GetEndpointUuid, ControlCommand.GetMessageTypeSupport];
        Task<ControlAnswer>[] all = [.. commands.Select(command => world.Begin(() => world.Controller.Queries.AskAsync(At(peer), command)))];
        foreach (Task<ControlAnswer> one in all) Assert.True(world.Finish(one).IsSuccess);
        Assert.Equal(commands, peer.Requests.Select(static request => request.Command));
        Assert.Equal(1, world.Host.MostOpenPerResponder);
        Assert.Equal(TimeSpan.FromMilliseconds(300), world.Time.Now);
    }

    [Fact]
    public void Ask_ByEidAndByAddress_IsTheSameResponder()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        world.Setup(peer);
        peer.Delay = TimeSpan.FromMilliseconds(100);
        Task<ControlAnswer> first = world.Begin(() => world.Controller.Queries.AskAsync(At(peer), ControlCommand.GetEndpointId));
        Task<ControlAnswer> second = world.Begin(() => world.Controller.Queries.AskAsync(world.Endpoint(9).ByRoute, ControlCommand.GetEndpointId));
        world.Finish(first);
        world.Finish(second);
        Assert.Equal(1, world.Host.MostOpenPerResponder);
    }

    [Fact]
    public void Ask_ManyResponders_AllAtOnce()
    {
        using var world = new ControlWorld();
        FakePeer[] peers = [.. Enumerable.Range(0x20, 50).Select(address => world.AddPeer((byte)address))];
        foreach (FakePeer peer in peers) peer.Delay = TimeSpan.FromMilliseconds(100);
        Task<ControlAnswer>[] all = [.. peers.Select(peer => world.Begin(() => world.Controller.Queries.AskAsync(At(peer), ControlCommand.GetEndpointId)))];
        foreach (Task<ControlAnswer> one in all) world.Finish(one);
        Assert.Equal(TimeSpan.FromMilliseconds(100), world.Time.Now);
    }

    [Fact]
    public void Ask_NotReadyAtFirst_IsAskedAgainAfterAPause()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        int left = 2;
        peer.Overrides[ControlCommand.GetEndpointId] = (request, _) =>
            left-- > 0 ? FakePeer.Answer(request, CompletionCode.NotReady) : peer.Usual(ControlCommand.GetEndpointId, request);
        Assert.True(world.Run(() => world.Controller.Queries.AskAsync(At(peer), ControlCommand.GetEndpointId)).IsSuccess);
        Assert.Equal(TimeSpan.FromMilliseconds(500), world.Time.Now);
        Assert.Equal(2, world.Controller.Statistics.NotReadyAnswers);
    }

    [Fact]
    public void Ask_NonsenseThenTheAnswer_TheAnswerCounts()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D, eid: 50);
        int left = 1;
        peer.Overrides[ControlCommand.GetEndpointId] = (request, _) => left-- > 0 ? [0x00] : peer.Usual(ControlCommand.GetEndpointId, request);
        Assert.True(world.Run(() => world.Controller.Queries.AskAsync(At(peer), ControlCommand.GetEndpointId)).IsSuccess);
        Assert.Equal(1, world.Controller.Statistics.BadAnswers);
    }

    [Fact]
    public void Ask_AnswerIsEndless_IsIgnored()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D, eid: 50);
        peer.Overrides[ControlCommand.GetEndpointId] = static (request, _) => FakePeer.Answer(request, CompletionCode.Success, new byte[60_000]);
        Assert.Equal(ControlOutcome.BadAnswer, world.Run(() => world.Controller.Queries.AskAsync(At(peer), ControlCommand.GetEndpointId)).Outcome);
    }

    [Fact]
    public void Ask_NextQuestions_HaveOtherInstanceIds()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        for (int i = 0; i < 40; i++) world.Run(() => world.Controller.Queries.AskAsync(At(peer), ControlCommand.GetEndpointId));
        int[] ids = [.. peer.Requests.Select(static request => request.Body[0] & 0x1F)];
        Assert.Equal(Enumerable.Range(0, 40).Select(static number => number % 32), ids);
        Assert.All(peer.Requests, static request => Assert.Equal(0x80, request.Body[0] & 0xE0));
    }

    [Fact]
    public void Ask_LinkIsGone_IsCancelled()
    {
        using var world = new ControlWorld();
        var to = new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, 1, 5);
        Assert.Equal(ControlOutcome.Cancelled, world.Run(() => world.Controller.Queries.AskAsync(to, ControlCommand.GetEndpointId)).Outcome);
    }

    [Fact]
    public void Ask_HostCannotOpenAnExchange_IsNotSent()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        world.Host.Refuse = static _ => throw new HostException(HostError.Unreachable, "the system is gone");
        Assert.Equal(ControlOutcome.NotSent, world.Run(() => world.Controller.Queries.AskAsync(At(peer), ControlCommand.GetEndpointId)).Outcome);
        Assert.Contains(world.Notes, static note => note.Text.Contains("the system is gone", StringComparison.Ordinal));
    }

    [Fact]
    public void Ask_ControllerIsDisposed_AllEndAtOnceAsCancelled()
    {
        using var world = new ControlWorld();
        FakePeer peer = world.AddPeer(0x1D);
        peer.IsPresent = false;
        Task<ControlAnswer>[] all = [.. Enumerable.Range(0, 3).Select(_ => world.Begin(() => world.Controller.Queries.AskAsync(At(peer), ControlCommand.GetEndpointId)))];
        world.Context.Post(world.Controller.Dispose);
        world.Context.Pump();
        Assert.All(all, static one => Assert.Equal(ControlOutcome.Cancelled, one.Result.Outcome));
        Assert.Equal(0, world.Host.OpenExchanges);
    }

    [Fact]
    public void AskAll_Broadcast_GathersEachSenderOnce()
    {
        using var world = new ControlWorld();
        for (byte address = 0x20; address < 0x25; address++) world.AddPeer(address);
        world.Host.Peers[4].IsPresent = false;
        world.Host.Peers[3].Refuse(ControlCommand.EndpointDiscovery, CompletionCode.UnsupportedCommand);
        IReadOnlyList<ControlAnswer> answers = world.Run(
            () => world.Controller.Queries.AskAllAsync(1, ControlCommand.EndpointDiscovery, default, TimeSpan.FromMilliseconds(250)));
        Assert.Equal([0x20, 0x21, 0x22, 0x23], answers.Select(static answer => AddressByte(answer.From.Address)));
        Assert.Equal(3, answers.Count(static answer => answer.IsSuccess));
        Assert.Equal(TimeSpan.FromMilliseconds(250), world.Time.Now);
    }

    private static int AddressByte(PhysicalAddress address)
    {
        Span<byte> bytes = stackalloc byte[PhysicalAddress.MaximumLength];
        address.CopyTo(bytes);
        return bytes[0];
    }
}
