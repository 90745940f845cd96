// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>Answers every request of type 0x7e that starts with <c>cc de f0</c> with the same bytes, from any network and EID.</summary>
internal sealed class EchoServer : IDisposable
{
    // How long a stop signal may go unnoticed while nothing arrives.
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(200);

    private readonly MctpSocket _socket;
    private readonly byte[] _buffer = new byte[65_536];

    public EchoServer(IMctpSocketSource source)
    {
        _socket = source.OpenSocket();
        try
        {
            _socket.Bind(new MctpEndPoint(Eid.Any, EchoFormat.Type));
        }
        catch
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>Serves.</summary>
    /// <param name="seen">Told of every message, before it is answered.</param>
    /// <param name="stop">Ends it.</param>
    /// <param name="most">After so many answers it ends by itself; 0 for no end.</param>
    /// <param name="limit">After so long without a message it ends by itself; infinite for no end.</param>
    /// <returns>How many were answered.</returns>
    public long Serve(Action<EchoLine> seen, CancellationToken stop, long most = 0, TimeSpan? limit = null)
    {
        long answered = 0;
        long quietSince = Environment.TickCount64;
        while (!stop.IsCancellationRequested && (most == 0 || answered < most))
        {
            if (!_socket.TryReceiveFrom(_buffer, s_look, out MctpReceiveResult result))
            {
                if (limit is { } patience && Environment.TickCount64 - quietSince >= patience.TotalMilliseconds) break;
                continue;
            }

            quietSince = Environment.TickCount64;
            answered += Answer(result, seen) ? 1 : 0;
        }

        return answered;
    }

    public void Dispose() => _socket.Dispose();

    private bool Answer(in MctpReceiveResult request, Action<EchoLine> seen)
    {
        ReadOnlySpan<byte> body = _buffer.AsSpan(0, Math.Min(request.Length, _buffer.Length));
        MctpEndPoint sender = request.From;
        bool answers = sender.Tag.IsOwner && !request.Truncated && body.StartsWith(EchoFormat.Prefix);
        SendStatus status = answers ? SendStatus.Ok : SendStatus.BadAddress;
        if (answers)
        {
            MctpEndPoint to = sender with { Tag = sender.Tag.ToResponse() };
            status = _socket.TrySendTo(body, to, out _);
            if (status == SendStatus.WouldBlock) status = SendPatiently(body, to);
        }

        string what = !answers ? "ignored" : status == SendStatus.Ok ? "responding" : "no answer";
        seen(new EchoLine(sender.Network, sender.Eid.Value, sender.Tag.Value, sender.Type.Raw, request.Length, what));
        return status == SendStatus.Ok;
    }

    private SendStatus SendPatiently(ReadOnlySpan<byte> body, in MctpEndPoint to)
    {
        try
        {
            _socket.SendTimeout = TimeSpan.FromSeconds(1);
            _socket.SendTo(body, to);
            return SendStatus.Ok;
        }
        catch (MctpException)
        {
            return SendStatus.WouldBlock;
        }
    }
}
