// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>A node whose link 1 (EID 20, network 1) is joined with its link 2 (EID 21, network 2).</summary>
internal sealed class PairNode : IDisposable
{
    public static readonly Eid Near = new(20);
    public static readonly Eid Far = new(21);

    public PairNode()
    {
        (A, B) = PairLink.Create();
        Node.AddLink(new PollingAttachment(A));
        Node.AddLink(new PollingAttachment(B), network: 2);
        Node.Use((stack, _) =>
        {
            stack.AddAddress(A, Near);
            stack.AddAddress(B, Far);
            stack.AddRoute(MctpRoute.Direct(Far, Far, A));
            stack.AddRoute(MctpRoute.Direct(Near, Near, B));
        });
    }

    public MctpNode Node { get; } = new();

    public PairLink A { get; }

    public PairLink B { get; }

    public void Dispose() => Node.Dispose();
}
