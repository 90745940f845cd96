// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;
using Xunit;

namespace Busbar.BlackBox;

/// <summary>The kernel as a host of the control plane, over the harness, in this process.</summary>
public sealed class KernelHostTests : IDisposable
{
    private const int TurnMs = 20;
    private const int MostTurns = 500;

    private readonly MockHarness _harness = MockHarness.Usual();
    private readonly EventLoop _loop = new();
    private readonly IKernelFacilities _facilities;
    private readonly KernelHost _host;
    private readonly List<HostChange> _changes = [];

    public KernelHostTests()
    {
        _facilities = new HarnessFacilities(new HarnessConnection(_harness.Remote));
        _host = KernelHost.Open(_loop, _facilities);
        _host.Changed += _changes.Add;
    }

    [Fact]
    public void Links_OfTheHarness_AreReadWithEverything()
    {
        HostLink link = Assert.Single(_host.Links());

        Assert.Equal((1, "mctp0", 1u, 254, 68, 254, true), (link.Index, link.Name, link.Network, link.Mtu, link.MinimumMtu, link.MaximumMtu, link.IsUp));
        Assert.Equal("10", link.Address.ToString());
        Assert.Equal("/devices/platform/mock/mctp0", link.DevicePath);
        Assert.Equal([new HostAddress(1, new Eid(8))], _host.Addresses());
    }

    [Fact]
    public void Changes_OfOurs_TakeEffectAtOnceAndAreAnnouncedOnce()
    {
        _host.AddAddress(1, new Eid(9));
        Assert.Equal([new HostAddress(1, new Eid(8)), new HostAddress(1, new Eid(9))], _host.Addresses());
        Assert.Empty(_changes);
        TurnUntil(() => _changes.Count != 0);
        _host.RemoveAddress(1, new Eid(8));
        TurnUntil(() => _changes.Count == 2);
        Turn(5);

        Assert.Equal([(HostChangeKind.AddressAdded, 9), (HostChangeKind.AddressRemoved, 8)], _changes.Select(change => (change.Kind, (int)change.Eid.Value)));
    }

    [Fact]
    public void RoutesAndNeighbours_Added_AreListedAndRemoved()
    {
        var direct = HostRoute.Direct(new Eid(9), new Eid(9), _host.Links()[0], mtu: 68);
        var range = HostRoute.Via(new Eid(20), new Eid(29), new Eid(9), network: 1);
        var neighbour = new HostNeighbour(1, new Eid(9), new PhysicalAddress([0x1d]));

        _host.AddRoute(direct);
        _host.AddRoute(range);
        _host.AddNeighbour(neighbour);
        Assert.Equal([direct, range], _host.Routes());
        Assert.Equal([neighbour], _host.Neighbours());
        _host.RemoveRoute(range);
        _host.RemoveRoute(direct with { Mtu = 0 });
        _host.RemoveNeighbour(1, new Eid(9));

        Assert.Empty(_host.Routes());
        Assert.Empty(_host.Neighbours());
    }

    [Fact]
    public void Refusals_OfTheKernel_NameReasonAndCulprit()
    {
        var exists = Assert.Throws<HostException>(() => _host.AddAddress(1, new Eid(8)));
        var missing = Assert.Throws<HostException>(() => _host.RemoveAddress(1, new Eid(77)));
        var noLink = Assert.Throws<HostException>(() => _host.AddAddress(7, new Eid(9)));
        var bad = Assert.Throws<HostException>(() => _host.AddNeighbour(new HostNeighbour(1, new Eid(9), new PhysicalAddress([1, 2, 3]))));
        var backwards = Assert.Throws<HostException>(() => _host.AddRoute(new HostRoute(new Eid(20), new Eid(10), 1, Eid.Null, 1, 0)));

        Assert.Equal(
            [HostError.Exists, HostError.NotFound, HostError.NotFound, HostError.Invalid, HostError.Invalid],
            ((HostException[])[exists, missing, noLink, bad, backwards]).Select(refusal => refusal.Error));
        Assert.Contains("EID 8 to mctp0", exists.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Links_ThatComeChangeAndGo_AreFollowed()
    {
        var second = new MockInterface { Name = "mctp1", Index = 4, Network = 3, HardwareAddress = [0x20], Binding = PhysicalBinding.Smbus };
        _harness.Do(() => _harness.System.AddInterface(second));
        _harness.Do(() => _harness.System.AddAddress(4, 12));
        TurnUntil(() => _changes.Count >= 2);
        _harness.Do(() =>
        {
            second.Network = 5;
            second.Name = "renamed";
            _harness.System.NotifyInterface(second);
        });
        TurnUntil(() => _changes.Count >= 3);
        _harness.Do(() => _harness.System.RemoveInterface(second));
        TurnUntil(() => _changes.Any(change => change.Kind == HostChangeKind.LinkRemoved));

        Assert.Equal((HostChangeKind.LinkAdded, "mctp1", PhysicalBinding.Smbus), (_changes[0].Kind, _changes[0].Link.Name, _changes[0].Link.Binding));
        Assert.Equal((HostChangeKind.AddressAdded, 12), (_changes[1].Kind, (int)_changes[1].Eid.Value));
        Assert.Equal((HostChangeKind.LinkChanged, "renamed", 5u), (_changes[2].Kind, _changes[2].Link.Name, _changes[2].Link.Network));
        Assert.Equal(HostChangeKind.LinkRemoved, _changes[^1].Kind);
        Assert.Single(_host.Links());
    }

    [Fact]
    public void Exchange_ByPhysicalAddress_BringsTheAnswerOfWhoeverSitsThere()
    {
        byte[]? answer = null;
        using IControlExchange exchange = _host.Open(new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, 0, 1, new PhysicalAddress([0x1d])));
        exchange.Answered = (from, body) => answer = [from.Eid.Value, from.Address.Length == 1 ? (byte)1 : (byte)0, .. body];

        Assert.Equal(SendStatus.Ok, exchange.Send([0x85, 0x02]));
        TurnUntil(() => answer is not null);

        Assert.Equal([0, 1, 0x05, 0x02, 0, 0, 0, 0], answer);
    }

    [Fact]
    public void Exchange_ByEid_GoesAlongTheRouteAndThroughABridge()
    {
        MockEndpoint bridge = _harness.Get(() => _harness.Mctp.Endpoints[0]);
        _harness.Do(() =>
        {
            bridge.Eid = 9;
            bridge.Behind.Add(new MockEndpoint(bridge.Interface, []) { Eid = 21 });
        });
        _host.AddNeighbour(new HostNeighbour(1, new Eid(9), new PhysicalAddress([0x1d])));
        _host.AddRoute(HostRoute.Direct(new Eid(9), new Eid(9), _host.Links()[0]));
        _host.AddRoute(HostRoute.Via(new Eid(20), new Eid(29), new Eid(9), network: 1));
        MctpEndPoint? source = null;
        using IControlExchange exchange = _host.Open(new MctpEndPoint(new Eid(21), MessageType.Control, MctpTag.Owner, 1));
        exchange.Answered = (from, _) => source = from;

        exchange.Send([0x81, 0x02]);
        TurnUntil(() => source is not null);

        Assert.Equal((new Eid(21), 1), (source!.Value.Eid, source.Value.Link));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Request_OfAnEndpoint_IsAnsweredByRouteOrPhysicalAddress(bool hasRoute)
    {
        MockEndpoint peer = _harness.Get(() => _harness.Mctp.Endpoints[0]);
        _harness.Do(() => peer.Eid = 9);
        if (hasRoute)
        {
            _host.AddNeighbour(new HostNeighbour(1, new Eid(9), new PhysicalAddress([0x1d])));
            _host.AddRoute(HostRoute.Direct(new Eid(9), new Eid(9), _host.Links()[0]));
        }

        _host.RequestArrived += (in ControlRequest request, ReadOnlySpan<byte> body) => _host.Reply(request, [(byte)(body[0] & 0x1F), body[1], 0x05, request.From.Eid.Value]);
        Task<byte[]> answer = _harness.AskAsync(peer, 0x9F, 0x42);
        TurnUntil(() => answer.IsCompleted);

        Assert.Equal([0x1F, 0x42, 0x05, 9], await answer);
    }

    [Fact]
    public void Time_WhileNothingHappens_JumpsToTheNextTimer()
    {
        var fired = new List<int>();
        long start = _host.Time.GetTimestamp();
        using ITimer late = _host.Time.CreateTimer(_ => fired.Add(2), null, TimeSpan.FromMinutes(20), Timeout.InfiniteTimeSpan);
        using ITimer early = _host.Time.CreateTimer(_ => fired.Add(1), null, TimeSpan.FromMinutes(10), Timeout.InfiniteTimeSpan);
        using ITimer never = _host.Time.CreateTimer(_ => fired.Add(3), null, TimeSpan.FromMinutes(15), Timeout.InfiniteTimeSpan);
        never.Dispose();

        TurnUntil(() => fired.Count == 2);

        Assert.Equal([1, 2], fired);
        Assert.True(_host.Time.GetElapsedTime(start) >= TimeSpan.FromMinutes(20));
    }

    [Fact]
    public void Requests_ThatMakeNoSense_AreCounted()
    {
        MockEndpoint peer = _harness.Get(() => _harness.Mctp.Endpoints[0]);
        int heard = 0;
        _host.RequestArrived += (in ControlRequest _, ReadOnlySpan<byte> _) => heard++;

        _ = _harness.AskAsync(peer, [0x80, 0x42, .. new byte[2000]]);
        _ = _harness.AskAsync(peer, 0x81, 0x02);
        TurnUntil(() => heard != 0);

        Assert.Equal((1, 1), (heard, _host.Statistics.RequestsRefused));
    }

    public void Dispose()
    {
        _host.Dispose();
        _facilities.Dispose();
        _loop.Dispose();
        _harness.Dispose();
        _harness.Check();
    }

    private void Turn(int turns)
    {
        for (int i = 0; i < turns; i++) _loop.Turn(TurnMs);
    }

    private void TurnUntil(Func<bool> done)
    {
        for (int i = 0; i < MostTurns && !done(); i++) _loop.Turn(TurnMs);
        _harness.Check();
        Assert.True(done(), "what was waited for did not happen");
    }
}
