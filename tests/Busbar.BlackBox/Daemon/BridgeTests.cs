// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.BlackBox;

/// <summary>Bridges: their pools, and what is behind them.</summary>
[Trait("speed", "slow")]
public sealed class BridgeTests
{
    private const string Polling = "[bus-owner]\nendpoint_poll_ms = 2500\n";

    [Fact]
    public void Assign_OfABridge_GivesAPoolBehindItsEid()
    {
        using Mctpd daemon = Start(wanted: 5);

        (byte eid, int _, string path, bool isNew) = daemon.Assign();

        (byte start, byte end) = Pool(daemon, path);
        Assert.True(isNew);
        Assert.Equal(4, end - start);
        Assert.Equal(eid + 1, start);
        Assert.Equal((start, 5), daemon.Harness.Get(() => (daemon.Harness.Mctp.Endpoints[0].PoolStart, daemon.Harness.Mctp.Endpoints[0].PoolSize)));
        Assert.Equal((start, end, eid), daemon.Get(system => system.Routes.Where(route => route.Gateway != 0).Select(route => (route.First, route.Last, route.Gateway)).Single()));
        daemon.WaitForSignal(
            signal => signal is { Path: Mctpd.Root, Member: "InterfacesAdded" } && signal.Arguments[0].GetString() == path && signal.Arguments[1].TryGetProperty(Mctpd.BridgeContract, out _)
                && !signal.Arguments[1].TryGetProperty(Mctpd.EndpointContract, out _),
            "InterfacesAdded of the bridge alone");
    }

    [Fact]
    public void Assign_OfALargePool_IsCutToTheLimit()
    {
        using Mctpd daemon = Start(wanted: 40);

        (byte start, byte end) = Pool(daemon, daemon.Assign().Path);

        Assert.Equal(14, end - start);
    }

    [Fact]
    public void Assign_WithALimitOfTheConfiguration_CutsThePool()
    {
        using Mctpd daemon = Start(wanted: 5, "[bus-owner]\nmax_pool_size = 3\n");

        (byte start, byte end) = Pool(daemon, daemon.Assign().Path);

        Assert.Equal(2, end - start);
    }

    [Fact]
    public void Assign_WithLittleRoom_GivesASmallerPool()
    {
        using Mctpd daemon = Start(wanted: 10, "[bus-owner]\ndynamic_eid_range = [8, 14]\nmax_pool_size = 5\n");

        (byte eid, int _, string path, bool _) = daemon.Assign();

        (byte start, byte end) = Pool(daemon, path);
        Assert.True(start > eid && end <= 14, $"EID {eid}, pool {start} to {end}");
    }

    [Fact]
    public void Assign_WhoseAllocationFails_LeavesAnEndpointWithoutPool()
    {
        using Mctpd daemon = Start(wanted: 5, prepare: peer => peer.On(0x08, call => call.Answer(1)));

        (byte eid, int _, string path, bool isNew) = daemon.Assign();

        Assert.True(isNew);
        Assert.True(daemon.Has(eid));
        Assert.False(daemon.Has(path, Mctpd.BridgeContract));
        Assert.Empty(daemon.Get(system => system.Routes.Where(route => route.Gateway != 0).ToArray()));
    }

    [Fact]
    public void Assign_WhoseAllocationIsEchoedWrongly_DropsThePool()
    {
        using Mctpd daemon = Start(wanted: 5, prepare: peer => peer.On(0x08, call => call.Answer(0, 0, 5, 99)));

        Assert.False(daemon.Has(daemon.Assign().Path, Mctpd.BridgeContract));
    }

    [Fact]
    public void Assign_WithoutRoomForAPool_StillAssigns()
    {
        using Mctpd daemon = Start(wanted: 5, "[bus-owner]\ndynamic_eid_range = [8, 9]\nmax_pool_size = 1\n");

        (byte eid, int _, string path, bool _) = daemon.Assign();

        Assert.Equal(9, eid);
        Assert.False(daemon.Has(path, Mctpd.BridgeContract));
    }

    [Fact]
    public void AssignStatic_OfAnEidInsideAPool_IsRefused()
    {
        using Mctpd daemon = Start(wanted: 5);
        daemon.AddPeer(0x1e);
        (byte start, byte _) = Pool(daemon, daemon.Assign().Path);

        Assert.Throws<BusException>(() => daemon.AssignStatic(0x1e, (byte)(start + 1)));
        Assert.False(daemon.Has(start + 1));
    }

    [Fact]
    public void Learn_OfAnEndpointWithAnEidInsideAPool_IsRefused()
    {
        using Mctpd daemon = Start(wanted: 5);
        (byte start, byte _) = Pool(daemon, daemon.Assign().Path);
        daemon.AddPeer(0x1e, (byte)(start + 1));

        Assert.Equal($"Endpoint claimed EID {start + 1} which is already used", Assert.Throws<BusException>(() => daemon.Learn(0x1e)).Message);
        Assert.False(daemon.Has(start + 1));
    }

    [Fact]
    public void Setup_OfAnEndpointWithAnEidInsideAPool_GivesAnother()
    {
        using Mctpd daemon = Start(wanted: 5);
        (byte start, byte end) = Pool(daemon, daemon.Assign().Path);
        daemon.AddPeer(0x1e, (byte)(start + 1));

        byte eid = daemon.Setup(0x1e).Eid;

        Assert.False(eid >= start && eid <= end, $"EID {eid} in the pool {start} to {end}");
    }

    [Fact]
    public void Setup_OfABridgeThatHasAnEid_AssignsItAnewWithAPool()
    {
        using Mctpd daemon = Start(wanted: 5, prepare: peer => peer.Eid = 30);

        (byte _, int _, string path, bool isNew) = daemon.Setup();

        Assert.True(isNew);
        Assert.True(daemon.Has(path, Mctpd.BridgeContract));
        Assert.Equal(1, daemon.Harness.Get(() => daemon.Harness.Mctp.Endpoints[0].Count(0x08)));
    }

    [Fact]
    public void LearnByEid_BehindABridge_PublishesTheEndpoint()
    {
        using Mctpd daemon = Start(wanted: 5, prepare: peer => peer.Behind.Add(new MockEndpoint(peer.Interface, [])));
        (byte start, byte _) = Pool(daemon, daemon.Assign().Path);

        Assert.Equal((Mctpd.EndpointPath(start), true), daemon.LearnByEid(start));
        Assert.True(daemon.Has(start));
    }

    [Fact]
    public void LearnByEid_OfNobody_Fails()
    {
        using Mctpd daemon = Start(wanted: 5);
        (byte start, byte _) = Pool(daemon, daemon.Assign().Path);

        Assert.Throws<BusException>(() => daemon.LearnByEid(start));
        Assert.False(daemon.Has(start));
    }

    [Fact]
    public void Polling_OfAPool_PublishesWhatAppears()
    {
        using Mctpd daemon = Start(wanted: 2, Polling, peer => AddBehind(peer, 2));
        (byte start, byte end) = Pool(daemon, daemon.Assign().Path);

        daemon.WaitForObject(Mctpd.EndpointPath(start));
        daemon.WaitForObject(Mctpd.EndpointPath(end));
    }

    [Fact]
    public void Remove_OfABridge_TakesThoseBehindItAlongAndEndsPolling()
    {
        using Mctpd daemon = Start(wanted: 2, Polling, peer => AddBehind(peer, 2));
        byte eid = daemon.Assign().Eid;
        (byte start, byte end) = Pool(daemon, Mctpd.EndpointPath(eid));
        daemon.WaitForObject(Mctpd.EndpointPath(start));
        daemon.WaitForObject(Mctpd.EndpointPath(end));

        daemon.CallEndpoint(eid, "Remove");

        daemon.WaitForObject(Mctpd.EndpointPath(eid), isThere: false);
        Assert.False(daemon.Has(start));
        Assert.False(daemon.Has(end));
        Assert.Empty(daemon.Get(system => system.Routes.ToArray()));
    }

    [Fact]
    public void Polling_OfOneThatWasFound_EndsAndGoesOnAfterItsRemoval()
    {
        using Mctpd daemon = Start(wanted: 1, Polling, peer => AddBehind(peer, 1));
        (byte start, byte _) = Pool(daemon, daemon.Assign().Path);
        daemon.WaitForObject(Mctpd.EndpointPath(start));
        daemon.Harness.Do(() => daemon.Harness.Mctp.Endpoints[0].Behind[0].IsGone = true);

        daemon.CallEndpoint(start, "Remove");
        Assert.False(daemon.Has(start));
        daemon.Harness.Do(() => daemon.Harness.Mctp.Endpoints[0].Behind[0].IsGone = false);

        daemon.WaitForObject(Mctpd.EndpointPath(start));
    }

    private static void AddBehind(MockEndpoint bridge, int count)
    {
        for (int i = 0; i < count; i++) bridge.Behind.Add(new MockEndpoint(bridge.Interface, []));
    }

    private static Mctpd Start(byte wanted, string? configuration = null, Action<MockEndpoint>? prepare = null) => Mctpd.Start(configuration, harness => harness.Do(() =>
    {
        MockEndpoint bridge = harness.Mctp.Endpoints[0];
        bridge.WantedPool = wanted;
        prepare?.Invoke(bridge);
    }));

    private static (byte Start, byte End) Pool(Mctpd daemon, string path) =>
        (daemon.Property(path, Mctpd.BridgeContract, "PoolStart").GetByte(), daemon.Property(path, Mctpd.BridgeContract, "PoolEnd").GetByte());
}
