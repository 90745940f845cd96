// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>Two nodes with their own threads, joined by a real MMBI window: a bus owner, and a bridge with a bus of many endpoints.</summary>
public sealed class BridgedNodesTests
{
    private const int Endpoints = 230;

    [Fact]
    public void BusOwner_BehindABridgeOverMmbi_FindsEverybody()
    {
        using NodePair pair = NodePair.Open(ownerOptions: Forwarding, discovererOptions: Forwarding);
        using var bus = new EmulatedBus(Endpoints);
        pair.Discoverer.Node.Use((stack, _) => stack.SetAddress(pair.Discoverer.Attachment.Link, Eid.Null));
        pair.Owner.Node.Use((stack, _) => stack.RemoveRoute(NodeEnd.DiscovererEid, NodeEnd.DiscovererEid));
        pair.Discoverer.Node.Use((stack, _) => stack.RemoveRoute(NodeEnd.OwnerEid, NodeEnd.OwnerEid));
        pair.Discoverer.Node.AddLink(bus);
        using var below = new LoopThread();
        using var above = new LoopThread();
        int upper = pair.Discoverer.Attachment.Link.Index;
        using var bridge = new Controlled(below, pair.Discoverer.Node, options => options with
        {
            RoleOf = link => link.Index == upper ? LinkRole.Endpoint : LinkRole.BusOwner,
            WantedPoolSize = Endpoints,
            ScanAddresses = link => link.Index == upper ? [] : bus.Addresses,
        });
        using var top = new Controlled(above, pair.Owner.Node, options => options);

        Assert.True(
            SpinWait.SpinUntil(() => above.Run(() => top.Controller.Endpoints.All.Count(static peer => peer.IsPublished && !peer.IsLocal)) == Endpoints + 1, TimeSpan.FromSeconds(60)),
            $"{above.Run(() => top.Controller.Endpoints.All.Count)} of {Endpoints + 2} endpoints were found");

        HashSet<Eid> assigned = [.. pair.Discoverer.Node.Read((_, _) => bus.AssignedEids().ToArray())];
        Assert.Equal(Endpoints, assigned.Count);
        Assert.All(assigned, eid => Assert.NotNull(above.Run(() => top.Controller.Endpoints.Find(1, eid)?.Bridge)));
    }

    private static MctpNodeOptions Forwarding => new() { Stack = new MctpStackOptions { Forwards = true } };

    private sealed class Controlled : IDisposable
    {
        private readonly LoopThread _thread;
        private readonly NodeHost _host;

        public Controlled(LoopThread thread, MctpNode node, Func<NetworkControllerOptions, NetworkControllerOptions> adjust)
        {
            _thread = thread;
            (_host, Controller) = thread.Run(() =>
            {
                var host = new NodeHost(node, thread.Loop);
                var options = new NetworkControllerOptions { Uuid = Guid.NewGuid(), AutoDiscover = true, MaximumPoolSize = 240 };
                var controller = new NetworkController(host, thread.Loop.Time, adjust(options));
                controller.Start();
                return (host, controller);
            });
        }

        public NetworkController Controller { get; }

        public void Dispose() => _thread.Run(() =>
        {
            Controller.Dispose();
            _host.Dispose();
            return true;
        });
    }
}
