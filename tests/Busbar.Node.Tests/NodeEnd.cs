// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Mmbi;

namespace Busbar.Node.Tests;

/// <summary>A node with one MMBI link, an address, a route to the other end, and an echo service.</summary>
internal sealed class NodeEnd : IDisposable
{
    public static readonly Eid OwnerEid = new(8);
    public static readonly Eid DiscovererEid = new(9);

    private NodeEnd(MctpNode node, MmbiAttachment attachment, Eid peer)
    {
        Node = node;
        Attachment = attachment;
        Peer = peer;
    }

    public MctpNode Node { get; }

    public MmbiAttachment Attachment { get; }

    public Eid Peer { get; }

    public MctpEndPoint Echo => new(Peer, EchoService.Type, MctpTag.Owner);

    public static NodeEnd Open(string link, MmbiRole role, MctpNodeOptions? options = null, double patienceSeconds = 5, MmbiTimings? timings = null)
    {
        Assert(LinkSpecParser.TryParse(link, out LinkSpec? spec, out string? error), error);
        var attachment = (MmbiAttachment)LinkOpener.Open(spec!, role, "mmbi0", TimeSpan.FromSeconds(patienceSeconds), timings);
        var node = new MctpNode(options);
        bool isOwner = role == MmbiRole.Owner;
        Eid own = isOwner ? OwnerEid : DiscovererEid;
        Eid peer = isOwner ? DiscovererEid : OwnerEid;
        node.AddLink(attachment);
        node.Use((stack, _) =>
        {
            stack.AddAddress(attachment.Link, own);
            stack.AddRoute(MctpRoute.Direct(peer, peer, attachment.Link));
            stack.SetService(EchoService.Type, new EchoService());
        });
        return new NodeEnd(node, attachment, peer);
    }

    /// <summary>Asks the other end's echo service and takes the answer.</summary>
    public byte[] Ask(MctpSocket socket, ReadOnlySpan<byte> body, double seconds = 10)
    {
        socket.SendTimeout = TimeSpan.FromSeconds(seconds);
        socket.SendTo(body, Echo);
        byte[] answer = new byte[body.Length + 1];
        MctpReceiveResult result = socket.ReceiveFrom(answer, TimeSpan.FromSeconds(seconds));
        return answer[..result.Length];
    }

    public bool IsUpWithin(double seconds) => Node.WaitUntilUp(Attachment, TimeSpan.FromSeconds(seconds));

    public bool IsDownWithin(double seconds) => Node.WaitFor(() => !Attachment.Link.IsUp, TimeSpan.FromSeconds(seconds));

    /// <summary>Waits until so many threads of callers sleep in the node.</summary>
    public void AwaitSleepers(int count) => Assert(SpinWait.SpinUntil(() => Node.Sleepers == count, TimeSpan.FromSeconds(10)), $"there are not {count} sleepers");

    public void Dispose() => Node.Dispose();

    private static void Assert(bool good, string? error)
    {
        if (!good) throw new InvalidOperationException(error);
    }
}
