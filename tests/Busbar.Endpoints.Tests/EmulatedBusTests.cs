// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;
using Xunit;

namespace Busbar.Endpoints.Tests;

/// <summary>A bus full of emulated endpoints behind a node's link.</summary>
public sealed class EmulatedBusTests : IDisposable
{
    private readonly MctpNode _node = new();

    public void Dispose() => _node.Dispose();

    [Fact]
    public void Endpoints_AskedByPhysicalAddress_AnswerWithUuidsOfTheirOwn()
    {
        EmulatedBus bus = Plug(40);
        using var client = new ControlClient(_node);

        Guid[] uuids = [.. bus.Endpoints.Select(endpoint => client.Ask<GetEndpointUuidResponse>(ControlClient.AtLink(bus.Link.Index, endpoint.Station.Address)).Uuid)];

        Assert.Equal(bus.Endpoints.Select(endpoint => endpoint.Uuid), uuids);
        Assert.Equal(40, uuids.Distinct().Count());
    }

    [Fact]
    public void Endpoints_GivenEids_EchoWhatIsSentToThem()
    {
        EmulatedBus bus = Plug(10);
        using var survey = new ControlClient(_node);
        byte eid = 20;
        foreach (EmulatedEndpoint endpoint in bus.Endpoints)
        {
            var request = new SetEndpointIdRequest(SetEndpointIdOperation.Set, new Eid(eid));
            survey.Ask<SetEndpointIdRequest, SetEndpointIdResponse>(request, ControlClient.AtLink(bus.Link.Index, endpoint.Station.Address));
            _node.Use((stack, _) => stack.SetNeighbour(bus.Link, new Eid(eid), endpoint.Station.Address));
            eid++;
        }

        _node.Use((stack, _) => stack.AddRoute(MctpRoute.Direct(new Eid(20), new Eid(29), bus.Link)));
        using MctpSocket socket = _node.OpenSocket();
        byte[] body = new byte[3000];
        new Random(7).NextBytes(body);
        (body[0], body[1], body[2]) = (0xCC, 0xDE, 0xF0);
        byte[] back = new byte[4000];
        for (eid = 20; eid < 30; eid++)
        {
            socket.SendTo(body, new MctpEndPoint(new Eid(eid), MessageType.VendorPci, MctpTag.Owner, 1));
            MctpReceiveResult result = socket.ReceiveFrom(back, TimeSpan.FromSeconds(10));

            Assert.Equal(new Eid(eid), result.From.Eid);
            Assert.Equal(body, back[..result.Length]);
        }

        Assert.Equal(Enumerable.Range(20, 10), bus.Endpoints.Select(endpoint => (int)endpoint.Eid.Value));
    }

    [Fact]
    public void Address_OfNobody_IsCountedAndTimesOut()
    {
        EmulatedBus bus = Plug(1);
        using var client = new ControlClient(_node, new ControlRequesterOptions { Tries = 1, TryTimeout = 50 });

        MctpException failure = Assert.Throws<MctpException>(() => client.Ask<GetEndpointIdResponse>(ControlClient.AtLink(bus.Link.Index, new PhysicalAddress([0x77]))));

        Assert.Equal(MctpError.TimedOut, failure.Error);
        Assert.Equal(1, _node.Read((_, _) => bus.Link.Statistics.Drops[DropReason.NotAcknowledged]));
    }

    private EmulatedBus Plug(int endpoints)
    {
        var bus = new EmulatedBus("bus0", new EmulatedBusOptions { Endpoints = endpoints });
        _node.AddLink(bus);
        _node.Use((stack, _) => stack.SetAddress(bus.Link, new Eid(8)));
        return bus;
    }
}
