// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// Sends MCTP control requests from a node and waits for their answers, with the standard time-outs and retries.
/// Use one per thread; requests of one client run one after the other.
/// </summary>
public sealed class ControlClient : IDisposable
{
    private readonly MctpNode _node;
    private readonly MctpSocketCore _core;
    private readonly ControlRequester _requester;

    /// <summary>Opens a client on a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="options">Time-outs and retries; null for 250 ms and four tries.</param>
    public ControlClient(MctpNode node, ControlRequesterOptions? options = null)
    {
        _node = node;
        (_core, _requester) = node.Read((stack, _) =>
        {
            MctpSocketCore core = stack.OpenSocket(MctpSocketKind.Datagram);
            return (core, new ControlRequester(stack, core, options ?? new ControlRequesterOptions()));
        });
    }

    /// <summary>A control endpoint at an EID, reached through the route table.</summary>
    /// <param name="eid">The peer.</param>
    /// <param name="network">Its network.</param>
    public static MctpEndPoint At(Eid eid, uint network = 1) => new(eid, MessageType.Control, MctpTag.Owner, network);

    /// <summary>Whoever sits at the other end of a link, whatever its EID.</summary>
    /// <param name="link">Link index.</param>
    /// <param name="address">Physical address on that link.</param>
    public static MctpEndPoint AtLink(int link, PhysicalAddress address = default) =>
        new(Eid.Null, MessageType.Control, MctpTag.Owner, link: link, address: address);

    /// <inheritdoc/>
    public void Dispose() => _node.CloseSocket(_core);
}
