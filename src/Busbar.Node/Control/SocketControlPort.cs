// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>A requester on a socket whose stack is elsewhere, such as the kernel's. One thread at a time.</summary>
internal sealed class SocketControlPort : ControlPort, IControlCarrier
{
    private readonly MctpSocket _socket;
    private readonly byte[] _arrived = new byte[256];
    private MctpReceiveResult _result;
    private bool _hasArrived;

    // Starts anywhere, so that two runs of a program do not begin alike.
    private int _instance = Environment.ProcessId;

    public SocketControlPort(MctpSocket socket, ControlRequesterOptions? options)
    {
        _socket = socket;
        Requester = new ControlRequester(this, options);
    }

    public override ControlRequester Requester { get; }

    public override void Use(Action<long> action) => action(MctpNode.Now);

    public override void WaitForEnd()
    {
        while (Requester.Poll(MctpNode.Now) == ControlRequestState.Pending)
        {
            if (_hasArrived) continue;
            long left = Math.Max(0, Requester.NextDeadline - MctpNode.Now);
            _hasArrived = _socket.TryReceiveFrom(_arrived, TimeSpan.FromMilliseconds(left), out _result);
        }
    }

    public override void Dispose() => _socket.Dispose();

    int IControlCarrier.NextInstanceId() => _instance = (_instance + 1) & 0x1F;

    SendStatus IControlCarrier.Send(in MctpEndPoint to, ReadOnlySpan<byte> body, long now, out MctpTag tag) => _socket.TrySendTo(body, to, out tag);

    bool IControlCarrier.TryReceive(Span<byte> buffer, out MctpReceiveResult result)
    {
        if (!_hasArrived) return _socket.TryReceiveFrom(buffer, TimeSpan.Zero, out result);
        Debug.Assert(buffer.Length >= _arrived.Length, "the requester's buffer is as long as ours");
        _arrived.CopyTo(buffer);
        result = _result;
        _hasArrived = false;
        return true;
    }

    void IControlCarrier.Abandon(in MctpEndPoint to, MctpTag tag, long now) => _socket.Abandon(to, tag);

    bool IControlCarrier.TakeLinkDown() => false;

    void IControlCarrier.CountBad(in MctpReceiveResult result) => _socket.CountStray();
}
