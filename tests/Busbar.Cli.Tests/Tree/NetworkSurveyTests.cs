// SPDX-License-Identifier: Apache-2.0
using Busbar.Endpoints;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>What is behind bridges, found by asking them over a link.</summary>
public sealed class NetworkSurveyTests : IDisposable
{
    private const int Upstream = 0;
    private readonly Place _place = new();

    public void Dispose() => _place.Dispose();

    [Fact]
    [Trait("speed", "slow")]
    public void Survey_OfTwoLevels_FindsWhoAnswersBehindWhom()
    {
        var network = new PretendedNetwork(new Eid(9));
        network.AddBridge(
            9,
            PretendedNetwork.Entry(8, 1, RoutingEntryKind.Endpoint, Upstream),
            PretendedNetwork.Entry(20, 1, RoutingEntryKind.Endpoint, 1),
            PretendedNetwork.Entry(21, 3, RoutingEntryKind.RangeWithoutBridge, 1),
            PretendedNetwork.Entry(30, 1, RoutingEntryKind.Bridge, 2),
            PretendedNetwork.Entry(31, 4, RoutingEntryKind.RangeWithoutBridge, 2));
        network.AddEndpoint(20);
        network.AddEndpoint(22);
        network.AddBridge(
            30,
            PretendedNetwork.Entry(8, 2, RoutingEntryKind.RangeWithBridge, Upstream),
            PretendedNetwork.Entry(20, 4, RoutingEntryKind.RangeWithoutBridge, Upstream),
            PretendedNetwork.Entry(31, 1, RoutingEntryKind.Endpoint, 5),
            PretendedNetwork.Entry(33, 1, RoutingEntryKind.Endpoint, 5));
        network.AddEndpoint(31);

        SurveyedEndpoint root = Survey(network);

        Assert.Equal("9[20 22 30[31 33?]]", Shape(root));
        Assert.Equal("silent", root.ToTree().Behind![2].Behind![1].State);
    }

    [Fact]
    [Trait("speed", "slow")]
    public void Survey_OfTablesThatLoop_Ends()
    {
        var network = new PretendedNetwork(new Eid(9)) { LoopsPages = true, PageSize = 1 };
        network.AddBridge(9, PretendedNetwork.Entry(10, 1, RoutingEntryKind.Bridge, 1), PretendedNetwork.Entry(9, 1, RoutingEntryKind.Bridge, 1));
        network.AddBridge(10, PretendedNetwork.Entry(9, 1, RoutingEntryKind.Bridge, 1), PretendedNetwork.Entry(11, 1, RoutingEntryKind.Bridge, 2));
        network.AddBridge(11, PretendedNetwork.Entry(10, 1, RoutingEntryKind.Bridge, 1), PretendedNetwork.Entry(9, 1, RoutingEntryKind.Bridge, 2));

        SurveyedEndpoint root = Survey(network);

        Assert.Equal("9[10[11]]", Shape(root));
        Assert.Equal(6, network.TableRequests);
    }

    [Fact]
    public void Survey_OfASimpleEndpoint_IsItself()
    {
        var network = new PretendedNetwork(new Eid(20));
        network.AddEndpoint(20);

        Assert.Equal("20", Shape(Survey(network)));
        Assert.Equal(0, network.TableRequests);
    }

    private static string Shape(SurveyedEndpoint endpoint)
    {
        string behind = endpoint.Behind.Count == 0 ? "" : $"[{string.Join(' ', endpoint.Behind.Values.Select(Shape))}]";
        return $"{endpoint.Eid}{(endpoint.Inventory is null ? "?" : "")}{behind}";
    }

    private SurveyedEndpoint Survey(PretendedNetwork network)
    {
        using var host = new EndpointHost(LinkOpener.Open(Parse(_place.Shm(",size=1M")), MmbiRole.Owner));
        host.Node.Use((stack, _) =>
        {
            stack.SetService(MessageType.Control, network);
            foreach (Eid eid in network.Members) stack.AddAddress(host.Attachment.Link, eid);
        });
        using PeerSession session = PeerSession.OnLink(Parse(_place.Shm()), new Eid(8), Eid.Null, TimeSpan.FromSeconds(5));
        return new NetworkSurvey(session, new Eid(8)).Run(TestContext.Current.CancellationToken);
    }

    private static LinkSpec Parse(string text)
    {
        Assert.True(LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error), error);
        return spec;
    }
}
