// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Pci;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>The driver's links on one function, one node each.</summary>
internal sealed class DriverHosts : IDisposable
{
    private const double Limit = 10;

    public DriverHosts(IPciDevice device, int count, bool ownsDevice = false)
    {
        Links = PciAttachment.OpenAll(device, [.. Enumerable.Range(0, count).Select(Options)], ownsDevice);
        Nodes = [.. Links.Select(Serve)];
    }

    public IReadOnlyList<PciAttachment> Links { get; }

    public MctpNode[] Nodes { get; }

    public static WindowOptions Options(int instance) =>
        new() { Text = "mmbi:pci:model", Role = MmbiRole.Discoverer, Instance = instance, Wait = WaitStrategy.Block };

    public bool IsUp(int instance) => Nodes[instance].WaitUntilUp(Links[instance], TimeSpan.FromSeconds(Limit));

    public byte[] Ask(int instance, byte[] body)
    {
        using MctpSocket socket = Nodes[instance].OpenSocket();
        socket.SendTimeout = TimeSpan.FromSeconds(Limit);
        socket.SendTo(body, new MctpEndPoint(NodeEnd.OwnerEid, EchoService.Type, MctpTag.Owner));
        byte[] answer = new byte[body.Length + 1];
        return answer[..socket.ReceiveFrom(answer, TimeSpan.FromSeconds(Limit)).Length];
    }

    // A request that a reset overtakes is lost.
    public byte[] AskUntilAnswered(int instance, byte[] body)
    {
        for (int left = 5; ; left--)
        {
            Assert.True(IsUp(instance));
            try
            {
                return Ask(instance, body);
            }
            catch (MctpException lost) when (left > 0 && lost.Error is MctpError.LinkDown or MctpError.TimedOut or MctpError.NoRoute)
            {
            }
        }
    }

    public void Dispose()
    {
        foreach (MctpNode node in Nodes) node.Dispose();
    }

    private static MctpNode Serve(PciAttachment link)
    {
        var node = new MctpNode();
        node.AddLink(link);
        node.Use((stack, _) =>
        {
            stack.AddAddress(link.Link, NodeEnd.DiscovererEid);
            stack.AddRoute(MctpRoute.Direct(NodeEnd.OwnerEid, NodeEnd.OwnerEid, link.Link));
        });
        return node;
    }
}
