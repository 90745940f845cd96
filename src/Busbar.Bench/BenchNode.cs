// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;

namespace Busbar.Bench;

/// <summary>One side of a measurement: a node with one MMBI link and one socket, and no agent that could disturb it.</summary>
internal sealed class BenchNode : IDisposable
{
    private static readonly TimeSpan s_linkPatience = TimeSpan.FromSeconds(10);

    private readonly LinkAttachment _attachment;

    public BenchNode(string link, MmbiRole role)
    {
        if (!LinkSpecParser.TryParse(link, out LinkSpec? spec, out string? error)) throw new MctpException(MctpError.BadConfiguration, error);
        bool measurer = role == MmbiRole.Discoverer;
        (Eid own, Eid other) = measurer ? (BenchProtocol.MeasurerEid, BenchProtocol.PeerEid) : (BenchProtocol.PeerEid, BenchProtocol.MeasurerEid);
        Node = new MctpNode(new MctpNodeOptions { RunAgent = false });
        _attachment = LinkOpener.Open(spec, role);
        Node.AddLink(_attachment);
        Node.Use((stack, _) =>
        {
            stack.AddAddress(_attachment.Link, own);
            stack.AddRoute(MctpRoute.Direct(other, other, _attachment.Link));
        });
        Socket = Node.OpenSocket();
        if (!measurer) Socket.Bind(new MctpEndPoint(Eid.Any, BenchProtocol.Type));
    }

    public MctpNode Node { get; }

    public MctpSocket Socket { get; }

    public MctpLink Link => _attachment.Link;

    public void WaitUntilUp()
    {
        if (!Node.WaitUntilUp(_attachment, s_linkPatience)) throw new MctpException(MctpError.Unreachable, "the benchmark's link did not come up");
    }

    public void Dispose() => Node.Dispose();
}
