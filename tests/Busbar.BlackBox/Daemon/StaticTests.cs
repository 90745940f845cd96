// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.BlackBox;

/// <summary>EIDs and pools of the caller's choice.</summary>
[Trait("speed", "slow")]
public sealed class StaticTests
{
    [Fact]
    public void AssignStatic_OfAFreeEid_GivesIt()
    {
        using Mctpd daemon = Mctpd.Start();

        Assert.Equal((12, 1, Mctpd.EndpointPath(12), true), daemon.AssignStatic(0x1d, 12));
        Assert.Equal(12, daemon.Harness.Get(() => daemon.Peer.Eid));
    }

    [Fact]
    public void AssignStatic_Again_SaysThatItIsNotNew()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.AssignStatic(0x1d, 12);

        Assert.Equal((12, 1, Mctpd.EndpointPath(12), false), daemon.AssignStatic(0x1d, 12));
    }

    [Fact]
    public void AssignStatic_OfAnEidInUse_IsRefused()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.AddPeer(0x1e);
        daemon.AssignStatic(0x1d, 12);

        Assert.Equal("Address in use", Assert.Throws<BusException>(() => daemon.AssignStatic(0x1e, 12)).Message);
    }

    [Fact]
    public void AssignStatic_OfAnotherEidToTheSameEndpoint_IsRefused()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.AssignStatic(0x1d, 12);

        Assert.Equal("Already assigned a different EID", Assert.Throws<BusException>(() => daemon.AssignStatic(0x1d, 13)).Message);
    }

    [Fact]
    public void AssignBridge_WithStart_GivesEidAndPool()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Harness.Do(() => daemon.Harness.Mctp.Endpoints[0].WantedPool = 5);

        Assert.Equal((12, 20, 1, Mctpd.EndpointPath(12), true), daemon.AssignBridge(0x1d, 12, 20, 5));
        Assert.Equal(20, daemon.Property(Mctpd.EndpointPath(12), Mctpd.BridgeContract, "PoolStart").GetByte());
        Assert.Equal(24, daemon.Property(Mctpd.EndpointPath(12), Mctpd.BridgeContract, "PoolEnd").GetByte());
        Assert.Equal((20, 5), daemon.Harness.Get(() => (daemon.Harness.Mctp.Endpoints[0].PoolStart, daemon.Harness.Mctp.Endpoints[0].PoolSize)));
        Assert.Equal((20, 24, 12), daemon.Get(system => system.Routes.Where(route => route.Gateway != 0).Select(route => (route.First, route.Last, route.Gateway)).Single()));
    }

    [Fact]
    public void AssignBridge_WithoutStart_ChoosesOne()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Harness.Do(() => daemon.Harness.Mctp.Endpoints[0].WantedPool = 5);

        (byte eid, byte start, int _, string path, bool isNew) = daemon.AssignBridge(0x1d, 12, 0, 5);

        Assert.Equal((12, true), (eid, isNew));
        Assert.Equal(start, daemon.Property(path, Mctpd.BridgeContract, "PoolStart").GetByte());
        Assert.Equal(start + 4, daemon.Property(path, Mctpd.BridgeContract, "PoolEnd").GetByte());
    }

    [Fact]
    public void AssignBridge_OfAnEidInUse_IsRefused()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.AddPeer(0x1e, prepare: peer => peer.WantedPool = 5);
        daemon.AssignStatic(0x1d, 12);

        Assert.Equal("Address in use", Assert.Throws<BusException>(() => daemon.AssignBridge(0x1e, 12, 20, 5)).Message);
    }

    [Fact]
    public void AssignBridge_WithAPoolThatIsTaken_IsRefused()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.AddPeer(0x1e, prepare: peer => peer.WantedPool = 5);
        daemon.AssignStatic(0x1d, 22);

        Assert.Equal("Ran out of EIDs", Assert.Throws<BusException>(() => daemon.AssignBridge(0x1e, 12, 20, 5)).Message);
    }

    [Theory]
    [InlineData("nothere", "ay", "Unknown object")]
    public void Call_OfALinkThatIsNotThere_IsRefused(string link, string signature, string text)
    {
        using Mctpd daemon = Mctpd.Start();

        Assert.Contains(text, Assert.Throws<BusException>(() => daemon.OwnOn(link, "SetupEndpoint", signature, new byte[] { 0x1d })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Setup_WithAnAddressOfWrongLength_IsRefused()
    {
        using Mctpd daemon = Mctpd.Start();

        Assert.Equal("Bad physaddr", Assert.Throws<BusException>(() => daemon.Own("SetupEndpoint", new byte[] { 1, 2 })).Message);
    }
}
