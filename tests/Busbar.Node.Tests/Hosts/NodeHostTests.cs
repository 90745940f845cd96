// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>The control plane on real nodes: threads, locks and links as in a daemon.</summary>
public sealed class NodeHostTests
{
    private static readonly Guid s_uuid = new("00112233-4455-6677-8899-aabbccddeeff");

    [Fact]
    public void Controller_OnANode_AnswersAndTakesAnEid()
    {
        using NodePair pair = NodePair.Open();
        using var thread = new LoopThread();
        using var served = new Served(thread, pair.Discoverer.Node, LinkRole.Endpoint);
        using var client = new ControlClient(pair.Owner.Node);
        MctpEndPoint there = ControlClient.AtLink(pair.Owner.Attachment.Link.Index);

        Assert.Equal(s_uuid, client.Ask<GetEndpointUuidResponse>(there).Uuid);
        SetEndpointIdResponse set = client.Ask<SetEndpointIdRequest, SetEndpointIdResponse>(new(SetEndpointIdOperation.Set, new Eid(0x42)), there);

        Assert.False(set.IsRejected);
        Assert.Equal(new Eid(0x42), client.Ask<GetEndpointIdResponse>(there).Eid);
        Assert.Equal([new Eid(0x42)], thread.Run(() => served.Host.Addresses()).Select(address => address.Eid));
    }

    [Fact]
    public void Exchange_ByLinkAndByRoute_IsAnswered()
    {
        using NodePair pair = NodePair.Open();
        pair.Discoverer.Node.Use((stack, _) => stack.SetService(MessageType.Control, new ControlResponder(new ControlResponderOptions { Uuid = s_uuid })));
        using var thread = new LoopThread();
        using var served = new Served(thread, pair.Owner.Node, LinkRole.BusOwner);

        Assert.Equal(NodeEnd.DiscovererEid, Ask(thread, served.Host, new MctpEndPoint(Eid.Null, default, link: pair.Owner.Attachment.Link.Index)));
        Assert.Equal(NodeEnd.DiscovererEid, Ask(thread, served.Host, new MctpEndPoint(NodeEnd.DiscovererEid, default, network: 1)));
        Assert.Equal(NodeEnd.DiscovererEid, Ask(thread, served.Host, new MctpEndPoint(Eid.Broadcast, default, link: pair.Owner.Attachment.Link.Index)));
        Assert.Equal(0, served.Host.OpenExchanges);
    }

    [Fact]
    public void Exchange_WithoutRoute_SaysSo()
    {
        using NodePair pair = NodePair.Open();
        using var thread = new LoopThread();
        using var served = new Served(thread, pair.Owner.Node, LinkRole.BusOwner);

        SendStatus status = thread.Run(() =>
        {
            using IControlExchange exchange = served.Host.Open(new MctpEndPoint(new Eid(77), default, network: 1));
            return exchange.Send([0x80, 0x02]);
        });

        Assert.Equal(SendStatus.NoRoute, status);
    }

    [Fact]
    public void TakeChanges_AfterAChange_TellsItAtOnceAndOnlyOnce()
    {
        using NodePair pair = NodePair.Open();
        using var thread = new LoopThread();
        using var served = new Served(thread, pair.Owner.Node, LinkRole.BusOwner);

        // One turn of the loop for all of it: what is told by the turn after the change would come too late.
        int heard = thread.Run(() =>
        {
            int told = 0;
            served.Host.Changed += change =>
            {
                told++;
                served.Host.TakeChanges();
            };
            pair.Owner.Node.Use((stack, _) => stack.AddAddress(pair.Owner.Attachment.Link, new Eid(20)));
            served.Host.TakeChanges();
            served.Host.TakeChanges();
            return told;
        });

        Assert.Equal(1, heard);
        Assert.True(thread.Run(() => served.Controller.Endpoints.Find(1, new Eid(20))) is { IsLocal: true });
    }

    [Fact]
    public void Changes_OfAnybody_AreTold()
    {
        using NodePair pair = NodePair.Open();
        using var thread = new LoopThread();
        using var served = new Served(thread, pair.Owner.Node, LinkRole.BusOwner);
        int link = pair.Owner.Attachment.Link.Index;

        pair.Owner.Node.Use((stack, _) => stack.AddAddress(pair.Owner.Attachment.Link, new Eid(20)));
        Assert.True(SpinWait.SpinUntil(() => thread.Run(() => served.Controller.Endpoints.Find(1, new Eid(20))) is { IsLocal: true }, TimeSpan.FromSeconds(10)));
        thread.Run(() =>
        {
            served.Host.RemoveAddress(link, new Eid(20));
            return true;
        });
        Assert.True(SpinWait.SpinUntil(() => thread.Run(() => served.Controller.Endpoints.Find(1, new Eid(20))) is null, TimeSpan.FromSeconds(10)));
        pair.Discoverer.Dispose();
        Assert.True(SpinWait.SpinUntil(() => !thread.Run(() => served.Controller.Links.Find(link)!.Host.IsUp), TimeSpan.FromSeconds(10)));
        pair.Owner.Node.RemoveLink(pair.Owner.Attachment);
        Assert.True(SpinWait.SpinUntil(() => thread.Run(() => served.Controller.Links.Find(link)) is null, TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public void Requests_WhileTheLoopIsBusy_AreBoundedAndCounted()
    {
        using NodePair pair = NodePair.Open();
        using var thread = new LoopThread();
        using var served = new Served(thread, pair.Owner.Node, LinkRole.BusOwner);
        using var started = new ManualResetEventSlim();
        using var goOn = new ManualResetEventSlim();
        thread.Loop.Post(
            _ =>
            {
                started.Set();
                goOn.Wait();
            },
            state: null);
        started.Wait(TestContext.Current.CancellationToken);

        using MctpSocket socket = pair.Discoverer.Node.OpenSocket(MctpSocketKind.Raw);
        int sent = 0;
        byte[] request = [0x01, NodeEnd.OwnerEid.Value, NodeEnd.DiscovererEid.Value, 0xC8, 0x00, 0x80, 0x02];
        for (int i = 0; i < 400; i++) sent += socket.SendPacket(pair.Discoverer.Attachment.Link.Index, request) == SendStatus.Ok ? 1 : 0;
        Assert.True(SpinWait.SpinUntil(() => served.Host.RequestsDropped != 0, TimeSpan.FromSeconds(10)));
        goOn.Set();

        using var client = new ControlClient(pair.Discoverer.Node);
        Assert.Equal(NodeEnd.OwnerEid, client.Ask<GetEndpointIdResponse>(ControlClient.At(NodeEnd.OwnerEid)).Eid);
        long early = pair.Owner.Node.Read((stack, _) => stack.Statistics.Drops[DropReason.ServiceQueueFull]);
        Assert.Equal(sent + 1, early + served.Host.RequestsDropped + thread.Run(() => served.Controller.ResponderStatistics.Received));
    }

    [Fact]
    public void SetLink_OfANode_TakesMtuNetworkAndState()
    {
        using NodePair pair = NodePair.Open();
        using var thread = new LoopThread();
        using var served = new Served(thread, pair.Owner.Node, LinkRole.BusOwner);
        int link = pair.Owner.Attachment.Link.Index;

        HostLink changed = thread.Run(() =>
        {
            served.Host.SetLink(link, isUp: false, mtu: 68, network: 5);
            return served.Host.Links().Single();
        });

        Assert.Equal((false, 68, 5u), (changed.IsUp, changed.Mtu, changed.Network));
        HostError refused = thread.Run(() => Assert.Throws<HostException>(() => served.Host.SetLink(link, mtu: 67)).Error);
        Assert.Equal(HostError.Invalid, refused);
    }

    [Fact]
    public void Enumeration_Of240Endpoints_GivesEachAnEid()
    {
        using var bus = new EmulatedBus(240);
        using var node = new MctpNode();
        node.AddLink(bus);
        node.Use((stack, _) => stack.AddAddress(bus.Link, new Eid(8)));
        using var thread = new LoopThread();
        using var served = new Served(thread, node, LinkRole.BusOwner);

        SetupOutcome[] outcomes = thread.Run(() => Task.WhenAll(bus.Addresses.Select(address => served.Controller.SetupEndpointAsync(bus.Link.Index, address))));

        Assert.Equal(240, outcomes.Select(outcome => outcome.Eid).Distinct().Count());
        Eid[] assigned = node.Read((_, _) => bus.AssignedEids().OrderBy(static eid => eid.Value).ToArray());
        Assert.Equal(outcomes.Select(static outcome => outcome.Eid).OrderBy(static eid => eid.Value), assigned);
        Assert.Equal(0, thread.Run(() => served.Controller.Statistics.TimeOuts));
    }

    private static Eid Ask(LoopThread thread, NodeHost host, MctpEndPoint to) => thread.Run(async () =>
    {
        var answered = new TaskCompletionSource<Eid>(TaskCreationOptions.RunContinuationsAsynchronously);
        using IControlExchange exchange = host.Open(to);
        exchange.Answered = (_, body) => answered.TrySetResult(new Eid(body[3]));
        Assert.Equal(SendStatus.Ok, exchange.Send([0x80, 0x02]));
        return await answered.Task;
    });

    /// <summary>A controller on a node, alive in a loop.</summary>
    private sealed class Served : IDisposable
    {
        private readonly LoopThread _thread;

        public Served(LoopThread thread, MctpNode node, LinkRole role)
        {
            _thread = thread;
            (Host, Controller) = thread.Run(() =>
            {
                var host = new NodeHost(node, thread.Loop);
                var controller = new NetworkController(host, thread.Loop.Time, new NetworkControllerOptions { Uuid = s_uuid, RoleOf = _ => role });
                controller.Start();
                return (host, controller);
            });
        }

        public NodeHost Host { get; }

        public NetworkController Controller { get; }

        public void Dispose() => _thread.Run(() =>
        {
            Controller.Dispose();
            Host.Dispose();
            return true;
        });
    }
}
