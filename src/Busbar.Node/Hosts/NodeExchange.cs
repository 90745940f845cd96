// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>A control exchange through a socket of a node. All tries go out under one tag, so that a late answer to the first one still counts.</summary>
internal sealed class NodeExchange : IControlExchange
{
    private const int LongestAnswer = 256;

    private readonly MctpNode _node;
    private readonly MctpEndPoint _to;
    private readonly Action<NodeExchange> _ended;
    private readonly MctpSocketCore _core;
    private readonly MctpSocket _socket;
    private readonly byte[] _buffer = new byte[LongestAnswer];
    private MctpTag? _tag;
    private bool _disposed;

    public NodeExchange(MctpNode node, in MctpEndPoint to, Action<NodeExchange> ended)
    {
        _node = node;
        _to = to;
        _ended = ended;
        _core = node.Read(static (stack, _) => stack.OpenSocket());
        _socket = new MctpSocket(new NodeSocketBackend(node, _core), MctpSocketKind.Datagram);
    }

    public Action<MctpEndPoint, ReadOnlySpan<byte>>? Answered { get; set; }

    public SendStatus Send(ReadOnlySpan<byte> body)
    {
        if (_disposed) return SendStatus.Closed;
        if (_tag is null)
        {
            (SendStatus status, MctpTag tag) = _node.Read((stack, now) => (stack.AllocateTag(_core, _to, now, out MctpTag found), found));
            if (status != SendStatus.Ok) return status;
            _tag = tag;
        }

        return _node.TrySend(_core, _to with { Tag = _tag.Value }, body, more: false, out _);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        Answered = null;
        _socket.Dispose();
        _ended(this);
    }

    /// <summary>Waits for answers until the exchange is disposed. Called in the control plane's context, in which it goes on.</summary>
    public async void Listen()
    {
        while (!_disposed)
        {
            try
            {
                MctpReceiveResult result = await _socket.ReceiveFromAsync(_buffer).ConfigureAwait(true);
                if (!result.Truncated && result.From.Type == MessageType.Control) Answered?.Invoke(result.From, _buffer.AsSpan(0, result.Length));
            }
            catch (MctpException failure) when (failure.Error == MctpError.LinkDown)
            {
                // Told once; whether the link comes back before the tries are used up is for the asker to see.
            }
            catch (MctpException failure) when (failure.Error == MctpError.Closed)
            {
                return;
            }
        }
    }
}
