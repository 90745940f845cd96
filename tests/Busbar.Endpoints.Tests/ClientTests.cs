// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;
using Xunit;

namespace Busbar.Endpoints.Tests;

/// <summary>The asking sides against real endpoints.</summary>
public sealed class ClientTests : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan s_short = TimeSpan.FromMilliseconds(50);
    private static readonly Guid s_uuid = new("0a0b0c0d-1111-2222-3333-444455556666");

    private readonly HostPair _pair = new(new EndpointOptions { Uuid = s_uuid, StaticEid = new Eid(20) });

    public void Dispose() => _pair.Dispose();

    [Theory]
    [InlineData(3, 1)]
    [InlineData(64, 8)]
    [InlineData(1000, 4)]
    [InlineData(65535, 4)]
    public void Echo_OfEachSizeAndDepth_IsClean(int size, int inFlight)
    {
        using var client = new EchoClient(_pair.BusOwner.Node, _pair.BusOwner.Peer(new Eid(20), MessageType.VendorPci));

        EchoTally tally = client.Run(size, 40, inFlight, s_limit);

        Assert.True(tally.IsClean);
        Assert.Equal(40, tally.Sent);
        Assert.Equal(inFlight == 1 ? 40 : 20, tally.Times.Count);
        Assert.True(tally.MessagesPerSecond > 0);
    }

    [Fact]
    public void Echo_InBothDirections_IsClean()
    {
        using var up = new EchoClient(_pair.Endpoint.Node, _pair.Endpoint.Peer(new Eid(8), MessageType.VendorPci));
        using var down = new EchoClient(_pair.BusOwner.Node, _pair.BusOwner.Peer(new Eid(20), MessageType.VendorPci));
        EchoTally? fromEndpoint = null;
        var other = new Thread(() => fromEndpoint = up.Run(500, 200, 4, s_limit));

        other.Start();
        EchoTally fromBusOwner = down.Run(500, 200, 4, s_limit);
        other.Join();

        Assert.True(fromBusOwner.IsClean);
        Assert.True(fromEndpoint!.IsClean);
    }

    [Fact]
    public void Echo_OfAnEidThatIsNotThere_IsLost()
    {
        using var client = new EchoClient(_pair.BusOwner.Node, _pair.BusOwner.Peer(new Eid(99), MessageType.VendorPci));

        EchoTally tally = client.Run(64, 2, 1, s_short);

        Assert.Equal((2, 0, 0, 2), (tally.Sent, tally.Intact, tally.Corrupt, tally.Lost));
        Assert.False(tally.IsClean);
    }

    [Fact]
    public void Echo_OfAPeerThatChangesAByte_IsCorrupt()
    {
        using MctpSocket liar = _pair.Endpoint.Node.OpenSocket();
        liar.Bind(new MctpEndPoint(Eid.Any, MessageType.VendorPci));
        using var client = new EchoClient(_pair.BusOwner.Node, _pair.BusOwner.Peer(new Eid(20), MessageType.VendorPci));
        var answering = new Thread(() =>
        {
            byte[] buffer = new byte[100];
            MctpReceiveResult request = liar.ReceiveFrom(buffer, s_limit);
            buffer[99] ^= 1;
            liar.SendTo(buffer, request.From with { Tag = request.From.Tag.ToResponse() });
        });

        answering.Start();
        EchoTally tally = client.Run(100, 1, 1, s_limit);
        answering.Join();

        Assert.Equal((1, 0, 1), (tally.Sent, tally.Intact, tally.Corrupt));
    }

    [Fact]
    public void Bench_AskedForARun_ReceivesAllOfIt()
    {
        using var client = new BenchClient(_pair.BusOwner.Node, _pair.BusOwner.Peer(new Eid(20), MessageType.VendorPci));

        BenchResult result = client.Receive(1000, 500, s_limit);

        Assert.Equal((500, 0, 0), (result.Tally.Received, result.Tally.Dropped, result.Tally.Invalid));
        Assert.True(result.BytesPerSecond > 0);
    }

    [Fact]
    public void Bench_SentToAnEndpoint_IsCountedThere()
    {
        using var client = new BenchClient(_pair.BusOwner.Node, _pair.BusOwner.Peer(new Eid(20), MessageType.VendorPci));

        client.Send(64, 300, s_limit);
        bool arrived = _pair.Endpoint.Node.WaitFor(() => _pair.Endpoint.Bench.Received.Received == 300, s_limit);

        Assert.True(arrived);
        Assert.Equal((0, 0), (_pair.Endpoint.Bench.Received.Dropped, _pair.Endpoint.Bench.Received.Invalid));
    }

    [Fact]
    public void Survey_OfAnEndpoint_TellsEverything()
    {
        using var survey = new EndpointSurvey(_pair.BusOwner.Node);

        EndpointInventory found = survey.Ask(_pair.BusOwner.Peer(Eid.Null, MessageType.Control));

        Assert.Equal(new Eid(20), found.Eid);
        Assert.False(found.IsBridge);
        Assert.Equal("static, in force", found.EidType);
        Assert.Equal(s_uuid, found.Uuid);
        Assert.Equal([0, 0x7E], found.Types);
        Assert.Contains("1.3.3", found.Versions[EndpointSurvey.BaseVersions]);
        Assert.NotEmpty(found.Versions["0"]);
        Assert.Equal(["pci 0xccde, set 0x00f0", "pci 0xccde, set 0x00f1"], found.Vendors);
    }

    [Fact]
    public void Assign_OfAnEid_IsAppliedAndAnnounced()
    {
        var announced = new List<EidAssignment>();
        _pair.Endpoint.EidAssigned += announced.Add;
        using var survey = new EndpointSurvey(_pair.BusOwner.Node);

        Eid given = survey.Assign(_pair.BusOwner.LinkIndex, new Eid(9));

        Assert.Equal(new Eid(9), given);
        Assert.Equal(new Eid(9), _pair.Endpoint.Eid);
        EidAssignment assignment = Assert.Single(announced);
        Assert.Equal((new Eid(20), new Eid(9), new Eid(8)), (assignment.Previous, assignment.Eid, assignment.BusOwner.Eid));
        Assert.Equal(new Eid(9), survey.GetEid(_pair.BusOwner.Peer(new Eid(9), MessageType.Control)));
    }

    [Fact]
    public void Survey_OfNobody_TimesOut()
    {
        using var survey = new EndpointSurvey(_pair.BusOwner.Node, new ControlRequesterOptions { TryTimeout = 20, Tries = 2 });

        MctpException failure = Assert.Throws<MctpException>(() => survey.GetEid(_pair.BusOwner.Peer(new Eid(77), MessageType.Control)));

        Assert.Equal(MctpError.TimedOut, failure.Error);
    }

    [Fact]
    public void Endpoint_Disposed_IsSeenByTheOtherSide()
    {
        bool? last = null;
        _pair.BusOwner.LinkChanged += up => last = up;

        _pair.Endpoint.Dispose();
        bool seen = _pair.BusOwner.Node.WaitFor(() => last == false, s_limit);

        Assert.True(seen);
        Assert.False(_pair.BusOwner.Attachment.Link.IsUp);
    }
}
