// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>A requester on a node's stack, under the node's lock.</summary>
internal sealed class NodeControlPort : ControlPort
{
    private readonly MctpNode _node;
    private readonly MctpSocketCore _core;

    public NodeControlPort(MctpNode node, ControlRequesterOptions? options)
    {
        _node = node;
        (_core, Requester) = node.Read((stack, _) =>
        {
            MctpSocketCore core = stack.OpenSocket(MctpSocketKind.Datagram);
            return (core, new ControlRequester(stack, core, options));
        });
    }

    public override ControlRequester Requester { get; }

    public override void Use(Action<long> action) => _node.Use((_, now) => action(now));

    public override void WaitForEnd() => _node.WaitFor(
        _core,
        () => Requester.Poll(MctpNode.Now) != ControlRequestState.Pending,
        Timeout.InfiniteTimeSpan,
        () => Requester.NextDeadline);

    public override void Dispose() => _node.CloseSocket(_core);
}
