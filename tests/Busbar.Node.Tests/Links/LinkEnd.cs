// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Mmbi;

namespace Busbar.Node.Tests;

/// <summary>A node with an agent and one link of any binding: EID 8 that asks, or EID 9 that echoes.</summary>
internal sealed class LinkEnd : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(20);

    private readonly Eid _peer;

    public LinkEnd(string link, bool asks)
    {
        bool good = LinkSpecParser.TryParse(link, out LinkSpec? spec, out string? error);
        if (!good) throw new InvalidOperationException(error);
        Attachment = LinkOpener.Open(spec!, asks ? MmbiRole.Discoverer : MmbiRole.Owner);
        Node = new MctpNode();
        Node.AddLink(Attachment);
        (Eid own, _peer) = asks ? (new Eid(8), new Eid(9)) : (new Eid(9), new Eid(8));
        Node.Use((stack, _) =>
        {
            stack.AddAddress(Attachment.Link, own);
            stack.AddRoute(MctpRoute.Direct(_peer, _peer, Attachment.Link));
            stack.SetService(EchoService.Type, new EchoService());
        });
    }

    public MctpNode Node { get; }

    public LinkAttachment Attachment { get; }

    public LinkEnd Up()
    {
        if (!Node.WaitUntilUp(Attachment, s_limit)) throw new InvalidOperationException($"{Attachment.Description} did not come up: {Attachment.WhyDown}");
        return this;
    }

    public LinkEnd Down()
    {
        if (!Node.WaitFor(() => !Attachment.Link.IsUp, s_limit)) throw new InvalidOperationException($"{Attachment.Description} did not go down");
        return this;
    }

    /// <summary>Asks the other end's echo service.</summary>
    public byte[] Ask(ReadOnlySpan<byte> body)
    {
        using MctpSocket socket = Node.OpenSocket();
        socket.SendTimeout = s_limit;
        socket.SendTo(body, new MctpEndPoint(_peer, EchoService.Type, MctpTag.Owner));
        byte[] answer = new byte[body.Length + 1];
        return answer[..socket.ReceiveFrom(answer, s_limit).Length];
    }

    /// <summary>Exchanges messages of several sizes; one that comes back wrong, or not at all, fails.</summary>
    public void Exchange(params ReadOnlySpan<int> sizes)
    {
        foreach (int size in sizes)
        {
            byte[] body = new byte[size];
            new Random(size).NextBytes(body);
            try
            {
                Xunit.Assert.Equal(body, Ask(body));
            }
            catch (MctpException failure)
            {
                throw new InvalidOperationException($"{size} bytes: {failure.Message} ({Counters()})", failure);
            }
        }
    }

    private string Counters() => Node.Read((_, _) =>
    {
        LinkStatistics link = Attachment.Link.Statistics;
        string drops = string.Join(", ", Enum.GetValues<DropReason>().Where(reason => link.Drops[reason] != 0).Select(reason => $"{reason} {link.Drops[reason]}"));
        return $"{link.PacketsSent} packets sent, {link.PacketsReceived} received, drops: {drops}";
    });

    public void Dispose() => Node.Dispose();
}
