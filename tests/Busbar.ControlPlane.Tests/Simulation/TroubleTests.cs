// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>Networks in which something goes wrong: lost packets, restarts, conflicts, rivals, floods, and bridges that lie.</summary>
public sealed class TroubleTests
{
    /// <summary>What a bridge may lie about.</summary>
    public enum Lie
    {
        AllocateEchoesAnotherStart,
        AllocateEchoesAnotherSize,
        AllocateIsRejected,
        AllocateIsNeverAnswered,
        AllocateIsCutShort,
        SetEidNamesTheTop,
        SetEidNamesTheBroadcast,
        TableHasNoEnd,
        TableNamesOthers,
        TableIsNonsense,
        TypesAreCutShort,
        UuidChanges,
        EverythingFails,
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Packets_LostDoubledAndDelayed_TheNetworkComesUp(int seed)
    {
        using var net = new BridgedNetwork(seed);
        SimulatedMedium one = net.AddBridge(net.Backbone, 0x20, wants: 30, out _);
        SimulatedMedium two = net.AddBridge(one, 0x21, wants: 8, out _);
        WorldNode[] endpoints = [.. net.AddEndpoints(one, 2), .. net.AddEndpoints(two, 2), .. net.AddEndpoints(net.Backbone, 2)];
        foreach (SimulatedMedium medium in net.Media) medium.Faults = new MediumFaults(LossPercent: 10, DuplicatePercent: 10, MaximumDelay: 40);

        net.SetUp();
        net.Rest(30_000);
        net.Heal();

        Invariants.Hold(net.World);
        net.EverybodyAnswers(endpoints);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Node_Restarted_TheNetworkRecovers(int which)
    {
        using var net = new BridgedNetwork();
        SimulatedMedium one = net.AddBridge(net.Backbone, 0x20, wants: 30, out WorldNode first);
        SimulatedMedium two = net.AddBridge(one, 0x21, wants: 8, out WorldNode second);
        WorldNode[] endpoints = [.. net.AddEndpoints(one, 2), .. net.AddEndpoints(two, 2)];
        net.SetUp();
        WorldNode[] all = [net.Top, first, second, endpoints[0], endpoints[3]];

        all[which].Restart();
        net.Rest(1_000);
        net.Heal();

        Invariants.Hold(net.World);
        net.EverybodyAnswers(endpoints);
    }

    [Fact]
    public void Endpoints_WithTheSameEid_AreToldApart()
    {
        using var net = new BridgedNetwork();
        WorldNode[] twins = [net.World.AddNode("twin1"), net.World.AddNode("twin2"), net.World.AddNode("impostor")];
        twins[0].Connect(net.Backbone, 0x40, own: 50);
        twins[1].Connect(net.Backbone, 0x41, own: 50);
        twins[2].Connect(net.Backbone, 0x42, own: BridgedNetwork.TopEid);
        foreach (WorldNode twin in twins) twin.Start();

        net.SetUp();

        Invariants.Hold(net.World);
        net.EverybodyAnswers(twins);
        Assert.Equal(new Eid(50), Assert.Single(twins[0].Host.Addresses()).Eid);
    }

    [Fact]
    public void TwoBusOwners_ByMistake_NobodyIsHurtAndOneCanGo()
    {
        using var net = new BridgedNetwork();
        SimulatedMedium below = net.AddBridge(net.Backbone, 0x20, wants: 8, out WorldNode bridge);
        WorldNode[] endpoints = [.. net.AddEndpoints(below, 2), .. net.AddEndpoints(net.Backbone, 3, 0x50)];
        WorldNode rival = net.World.AddNode("rival", forwards: true);
        rival.Connect(net.Backbone, 0x11, LinkRole.BusOwner, own: 100);
        rival.Start(options => options with { DynamicFirst = new Eid(101), DynamicLast = new Eid(200) });
        net.SetUp();
        net.Rest(5_000);
        Assert.Empty(Invariants.Leaks(net.World));

        rival.Dispose();
        net.Heal();

        Invariants.Hold(net.World);
        net.EverybodyAnswers(endpoints);
        Assert.Contains(bridge.Notes, note => note.Text.Contains("are there two?", StringComparison.Ordinal));
    }

    [Fact]
    public void Flood_OfRequestsAndAnswers_StopsNobody()
    {
        using var net = new BridgedNetwork(7);
        SimulatedMedium below = net.AddBridge(net.Backbone, 0x20, wants: 8, out _);
        WorldNode[] endpoints = net.AddEndpoints(below, 3);
        var flooder = new Flooder(net.World, net.Backbone, 0x66);

        flooder.Begin(packets: 5_000, perMillisecond: 10);
        net.SetUp();

        // Long enough for pieces of messages to be given up.
        net.Rest(10_000);
        Invariants.Hold(net.World);
        net.EverybodyAnswers(endpoints);
        Assert.True(net.Top.Controller.ResponderStatistics.Received > 50);
    }

    [Theory]
    [CombinatorialLies]
    public void Bridge_ThatLies_HurtsNobodyElse(Lie lie)
    {
        using var net = new BridgedNetwork();
        var liar = new LyingBridge(net.World, net.Backbone, 0x20, lie);
        SimulatedMedium below = net.AddBridge(net.Backbone, 0x30, wants: 8, out _);
        WorldNode[] endpoints = [.. net.AddEndpoints(below, 2), .. net.AddEndpoints(net.Backbone, 2)];

        net.SetUp();
        net.Rest(40_000);

        Assert.True(liar.Asked > 0);
        Assert.Empty(Invariants.Leaks(net.World));
        net.EverybodyAnswers(endpoints);
        Assert.Equal(BridgedNetwork.TopEid, Assert.Single(net.Top.Host.Addresses()).Eid.Value);
        Assert.True(net.World.Log.Count < 20_000, $"{net.World.Log.Count} packets were sent because of one liar");
    }

    /// <summary>All the lies there are.</summary>
    [AttributeUsage(AttributeTargets.Method)]
    private sealed class CombinatorialLiesAttribute : Xunit.v3.DataAttribute
    {
        public override ValueTask<IReadOnlyCollection<ITheoryDataRow>> GetData(System.Reflection.MethodInfo testMethod, Xunit.Sdk.DisposalTracker disposalTracker) =>
            new([.. Enum.GetValues<Lie>().Select(static lie => new TheoryDataRow<Lie>(lie))]);

        public override bool SupportsDiscoveryEnumeration() => true;
    }
}
