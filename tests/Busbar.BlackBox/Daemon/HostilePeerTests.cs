// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Xunit;

namespace Busbar.BlackBox;

/// <summary>Peers whose answers do not fit, and what they tell about their types.</summary>
[Trait("speed", "slow")]
public sealed class HostilePeerTests
{
    private const string Vendors = "VendorDefinedMessageTypes";

    [Fact]
    public void Learn_WithAnAnswerToAnotherCommand_Fails()
    {
        using Mctpd daemon = Start(peer => peer.On(0x02, call => [(byte)call.InstanceId, 0x03, 0, 12, 0, 0]), eid: 12);

        Assert.Equal("Request failed", Assert.Throws<BusException>(() => daemon.Learn()).Message);
    }

    [Fact]
    public void Learn_WithAnAnswerOfAnotherInstance_Fails()
    {
        using Mctpd daemon = Start(
            peer => peer.On(0x02, call =>
            {
                byte[] answer = call.Default();
                answer[0] = (byte)((answer[0] + 1) & 0x1F);
                return answer;
            }),
            eid: 12);

        Assert.Equal("Request failed", Assert.Throws<BusException>(() => daemon.Learn()).Message);
    }

    [Fact]
    public void Learn_OfAnEndpointWithEid_TakesItAsItIs()
    {
        using Mctpd daemon = Start(_ => { }, eid: 12);

        Assert.Equal((12, 1, Mctpd.EndpointPath(12), true), daemon.Learn());
        Assert.Equal(0, daemon.Harness.Get(() => daemon.Harness.Mctp.Endpoints[0].Count(0x01)));
    }

    [Fact]
    public void Setup_WithANonsensicalEidInTheAnswer_Fails()
    {
        using Mctpd daemon = Start(peer => peer.On(0x01, call => call.Answer(0, 0, 0, 0)));

        Assert.Throws<BusException>(() => daemon.Setup());

        Assert.False(daemon.Has(9));
        Assert.Null(daemon.Route(9));
    }

    [Fact]
    public void Setup_AnsweredWithAnotherEid_AdoptsIt()
    {
        using Mctpd daemon = Start(peer => peer.On(0x01, call =>
        {
            peer.Eid = 42;
            return call.Answer(0, 0, 42, 0);
        }));

        Assert.Equal((42, 1, Mctpd.EndpointPath(42), true), daemon.Setup());
        Assert.False(daemon.Has(9));
        Assert.Null(daemon.Route(9));
        Assert.NotNull(daemon.Route(42));
    }

    [Fact]
    public void Setup_AnsweredWithAnEidInUse_Fails()
    {
        using Mctpd daemon = Start(_ => { });
        daemon.AddPeer(0x1e, prepare: peer => peer.On(0x01, call => call.Answer(0, 0, 9, 0)));
        daemon.Setup();

        Assert.Equal("Endpoint requested EID 9 instead of assigned 10, already used", Assert.Throws<BusException>(() => daemon.Setup(0x1e)).Message);
        Assert.True(daemon.Has(9));
        Assert.False(daemon.Has(10));
    }

    [Fact]
    public void Assign_AnsweredWithAnotherEid_StillAsksForTheUuid()
    {
        using Mctpd daemon = Start(peer =>
        {
            peer.Uuid = Convert.FromHexString("00112233445566778899aabbccddeeff");
            peer.On(0x01, call =>
            {
                peer.Eid = 42;
                return call.Answer(0, 0, 42, 0);
            });
        });

        string path = daemon.Assign().Path;

        Assert.Equal(Mctpd.EndpointPath(42), path);
        Assert.Equal("00112233-4455-6677-8899-aabbccddeeff", daemon.Property(path, Mctpd.UuidContract, "UUID").GetString());
    }

    [Fact]
    public void Types_OfAnEndpoint_ArePublishedAsTold()
    {
        using Mctpd daemon = Start(peer =>
        {
            peer.Types.Clear();
            peer.Types.AddRange([0, 1, 4, 5]);
        });

        Assert.Equal((byte[])[0, 1, 4, 5], daemon.Bytes(daemon.Setup().Path, Mctpd.EndpointContract, "SupportedMessageTypes"));
    }

    [Fact]
    public void VendorSets_OfAnEndpoint_ArePublishedInOrder()
    {
        using Mctpd daemon = Start(peer =>
        {
            peer.Types.AddRange([0x7E, 0x7F]);
            peer.VendorSets.AddRange([(0, 0xABCDu, 1), (1, 0x1234ABCDu, 0x5678), (0, 0xABCDu, 2)]);
        });

        JsonElement[] sets = [.. daemon.Property(daemon.Setup().Path, Mctpd.EndpointContract, Vendors).EnumerateArray()];

        Assert.Equal(["0 q 43981 1", "1 u 305441741 22136", "0 q 43981 2"], sets.Select(Describe));
    }

    [Fact]
    public void VendorSets_WithoutTheTypes_AreNotAskedFor()
    {
        using Mctpd daemon = Start(peer => peer.VendorSets.Add((0, 0xABCD, 1)));

        Assert.Empty(daemon.Property(daemon.Setup().Path, Mctpd.EndpointContract, Vendors).EnumerateArray());
        Assert.Equal(0, daemon.Harness.Get(() => daemon.Harness.Mctp.Endpoints[0].Count(0x06)));
    }

    [Theory]
    [InlineData("00ff00ab")]
    [InlineData("00ff011234")]
    [InlineData("00ff07abcd0001")]
    [InlineData("05")]
    [InlineData("000000abcd0001")]
    public void VendorSets_ToldBadly_AreIgnored(string answer)
    {
        byte[] data = Convert.FromHexString(answer);
        using Mctpd daemon = Start(peer =>
        {
            peer.Types.Add(0x7E);
            peer.On(0x06, call => call.Answer(data[0], data[1..]));
        });

        (byte eid, int _, string path, bool isNew) = daemon.Setup();

        Assert.Equal((9, true), (eid, isNew));
        Assert.True(daemon.Property(path, Mctpd.EndpointContract, Vendors).GetArrayLength() <= 1);
        Assert.True(daemon.Harness.Get(() => daemon.Harness.Mctp.Endpoints[0].Count(0x06)) <= 4);
    }

    [Theory]
    [InlineData(2, true)]
    [InlineData(5, false)]
    public void Query_LostAFewTimes_IsRepeatedUpToFourTimes(int lost, bool succeeds)
    {
        int left = lost;
        using Mctpd daemon = Start(peer => peer.On(0x05, call => left-- > 0 ? null : call.Default()));

        if (succeeds) Assert.Equal(9, daemon.Setup().Eid);
        else Assert.Throws<BusException>(() => daemon.Setup());

        Assert.Equal(succeeds ? lost + 1 : 4, daemon.Harness.Get(() => daemon.Harness.Mctp.Endpoints[0].Count(0x05)));
    }

    [Fact]
    public void Query_Repeated_KeepsItsInstance()
    {
        int left = 2;
        using Mctpd daemon = Start(peer => peer.On(0x05, call => left-- > 0 ? null : call.Default()));

        daemon.Setup();

        Assert.Single(daemon.Harness.Get(() => daemon.Harness.Mctp.Endpoints[0].Requests.Where(request => request[1] == 0x05).Select(request => request[0]).ToArray()).Distinct());
    }

    private static Mctpd Start(Action<MockEndpoint> prepare, byte eid = 0) => Mctpd.Start(prepare: harness => harness.Do(() =>
    {
        harness.Mctp.Endpoints[0].Eid = eid;
        prepare(harness.Mctp.Endpoints[0]);
    }));

    // busctl shows a variant as its type and its data.
    private static string Describe(JsonElement set)
    {
        JsonElement[] fields = [.. set.EnumerateArray()];
        return $"{fields[0]} {fields[1].GetProperty("type").GetString()} {fields[1].GetProperty("data")} {fields[2]}";
    }
}
