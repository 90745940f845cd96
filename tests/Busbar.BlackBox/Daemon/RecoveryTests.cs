// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.BlackBox;

/// <summary>Recovery of an endpoint that was reported silent.</summary>
[Trait("speed", "slow")]
public sealed class RecoveryTests
{
    private static readonly byte[] s_uuid = Convert.FromHexString("00112233445566778899aabbccddeeff");

    [Fact]
    public void Recover_OfOneThatIsThere_MakesItAvailableAgain()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();

        daemon.CallEndpoint(9, "Recover");

        Connectivity(daemon, "Degraded");
        Connectivity(daemon, "Available");
        Assert.True(daemon.Has(9));
    }

    [Fact]
    public void Recover_OfOneThatIsGone_RemovesIt()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Setup();
        daemon.Harness.Do(() => daemon.Harness.Mctp.Endpoints[0].IsGone = true);

        daemon.CallEndpoint(9, "Recover");

        Connectivity(daemon, "Degraded");
        daemon.WaitForObject(Mctpd.EndpointPath(9), isThere: false);
        daemon.WaitForSignal(signal => signal.Member == "InterfacesRemoved" && signal.Arguments[0].GetString() == Mctpd.EndpointPath(9), "InterfacesRemoved");
        Assert.Null(daemon.Route(9));
    }

    [Fact]
    public void Recover_OfOneThatWasReset_GivesItsEidBack()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Harness.Do(() => daemon.Harness.Mctp.Endpoints[0].Uuid = s_uuid);
        daemon.Setup();
        daemon.Harness.Do(() => daemon.Harness.Mctp.Endpoints[0].Reset());

        daemon.CallEndpoint(9, "Recover");

        Connectivity(daemon, "Degraded");
        Connectivity(daemon, "Available");
        Assert.Equal(9, daemon.Harness.Get(() => daemon.Harness.Mctp.Endpoints[0].Eid));
        Assert.True(daemon.Has(9));
    }

    [Fact]
    public void Recover_OfOneThatWasExchanged_RemovesItAndAssignsAnew()
    {
        using Mctpd daemon = Mctpd.Start();
        daemon.Harness.Do(() => daemon.Harness.Mctp.Endpoints[0].Uuid = s_uuid);
        daemon.Setup();
        daemon.Harness.Do(() =>
        {
            MockEndpoint peer = daemon.Harness.Mctp.Endpoints[0];
            peer.Reset();
            peer.Uuid = Convert.FromHexString("ffeeddccbbaa99887766554433221100");
        });

        daemon.CallEndpoint(9, "Recover");

        daemon.WaitForSignal(signal => signal.Member == "InterfacesRemoved" && signal.Arguments[0].GetString() == Mctpd.EndpointPath(9), "InterfacesRemoved");
        daemon.WaitUntil(() => daemon.Harness.Get(() => daemon.Harness.Mctp.Endpoints[0].Eid) != 0, "the new device gets an EID");
        byte eid = daemon.Harness.Get(() => daemon.Harness.Mctp.Endpoints[0].Eid);
        daemon.WaitForObject(Mctpd.EndpointPath(eid));
        Assert.Equal("ffeeddcc-bbaa-9988-7766-554433221100", daemon.Property(Mctpd.EndpointPath(eid), Mctpd.UuidContract, "UUID").GetString());
    }

    private static void Connectivity(Mctpd daemon, string value) => daemon.WaitForSignal(
        signal => signal.Member == "PropertiesChanged" && signal.Path == Mctpd.EndpointPath(9) && signal.Arguments[1].TryGetProperty("Connectivity", out var now)
            && now.GetProperty("data").GetString() == value,
        $"Connectivity {value}");
}
