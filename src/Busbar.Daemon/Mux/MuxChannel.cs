// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>One message type of the demultiplexer: its socket, and the requests that peers wait for answers to.</summary>
internal sealed class MuxChannel : IDisposable
{
    private const int LongestMessage = 65_536;

    // A requester gives its tag up after six seconds at the latest; an answer after that would meet nobody.
    private static readonly TimeSpan s_requestLife = TimeSpan.FromSeconds(6);

    private readonly MctpSocket _socket;
    private readonly MessageType _type;
    private readonly MuxListener _mux;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _ending = new();
    private readonly (MctpEndPoint From, long At)?[] _requests = new (MctpEndPoint From, long At)?[256];
    private bool _isBound;
    private bool _isPumping;

    public MuxChannel(MctpSocket socket, MessageType type, MuxListener mux, TimeProvider time)
    {
        _socket = socket;
        _type = type;
        _mux = mux;
        _time = time;
    }

    /// <summary>Asks for the requests of the type; once.</summary>
    public void Bind()
    {
        if (_isBound) return;
        _socket.Bind(new MctpEndPoint(Eid.Any, _type));
        _isBound = true;
        Pump();
    }

    /// <summary>Sends a message: as an answer to the peer's latest request when it is one, else as a request.</summary>
    public bool TrySend(Eid eid, MessageType type, ReadOnlySpan<byte> payload)
    {
        Pump();
        if (TakeRequest(eid, payload) is { } asked)
            return _socket.TrySendTo(payload, asked with { Type = type, Tag = asked.Tag.ToResponse() }, out _) == SendStatus.Ok;
        return _socket.TrySendTo(payload, new MctpEndPoint(eid, type, MctpTag.Owner), out _) == SendStatus.Ok;
    }

    public void Dispose()
    {
        _ending.Cancel();
        _socket.Dispose();
        _ending.Dispose();
    }

    // The request that this payload answers, which is then answered; null when the payload is a request itself, or nobody asked.
    private MctpEndPoint? TakeRequest(Eid eid, ReadOnlySpan<byte> payload)
    {
        if (_requests[eid.Value] is not { } request || MuxDirection.IsResponse(_type, payload) == false) return null;
        _requests[eid.Value] = null;
        return _time.GetElapsedTime(request.At) <= s_requestLife ? request.From : null;
    }

    private void Pump()
    {
        if (_isPumping) return;
        _isPumping = true;
        _ = PumpAsync(_ending.Token);
    }

    private async Task PumpAsync(CancellationToken ending)
    {
        byte[] packet = new byte[2 + LongestMessage];
        while (!ending.IsCancellationRequested)
        {
            try
            {
                MctpReceiveResult result = await _socket.ReceiveFromAsync(packet.AsMemory(2), ending);
                MctpEndPoint from = result.From;
                if (from.Tag.IsOwner) _requests[from.Eid.Value] = (from, _time.GetTimestamp());
                packet[0] = from.Eid.Value;
                packet[1] = from.Type.Raw;
                _mux.Deliver(from.Type, packet.AsSpan(0, 2 + Math.Min(result.Length, LongestMessage)));
            }
            catch (MctpException failure) when (failure.Error == MctpError.LinkDown)
            {
                // The framing has no word for it; the client's own time limit tells.
            }
            catch (Exception failure) when (failure is OperationCanceledException or MctpException or ObjectDisposedException)
            {
                return;
            }
        }
    }
}
