// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using System.Text;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>
/// A client's socket. Requests are done at once and answered in order; messages are passed on as fast as the client reads, and those that it does not read wait in the socket's own
/// bounded queue.
/// </summary>
internal sealed class SocketLane : ILane
{
    private const byte MoreFollow = 1;
    private const int LongestText = 400;

    private readonly ClientConnection _client;
    private readonly MctpSocket _socket;
    private readonly CancellationTokenSource _ending = new();
    private TaskCompletionSource? _room;
    private bool _isPumping;
    private int _strays;

    public SocketLane(ClientConnection client, MctpSocket socket)
    {
        _client = client;
        _socket = socket;
    }

    public bool TryTake(ReadOnlySpan<byte> packet)
    {
        if (!LaneFormat.TryReadHead(packet, out LaneOperation operation, out byte flags, out uint serial)) return false;
        if (flags != 0 && (operation != LaneOperation.Send || flags != MoreFollow)) return false;
        ReadOnlySpan<byte> body = packet[LaneFormat.HeadSize..];
        bool takesAddress = operation is LaneOperation.Bind or LaneOperation.Connect or LaneOperation.Send or LaneOperation.SendPacket or LaneOperation.AllocateTag
            or LaneOperation.ReleaseTag or LaneOperation.Abandon;
        MctpEndPoint address = default;
        if (takesAddress)
        {
            if (!LaneFormat.TryReadAddress(body, out address)) return false;
            body = body[LaneFormat.AddressSize..];
        }

        if (!body.IsEmpty && operation is not (LaneOperation.Send or LaneOperation.SendPacket)) return false;
        try
        {
            return TryDo(operation, flags, serial, address, body);
        }
        catch (MctpException refusal)
        {
            Fail(serial, refusal);
            return true;
        }
    }

    public void Continue() => _room?.TrySetResult();

    public void Dispose()
    {
        _ending.Cancel();
        _room?.TrySetResult();
        _socket.Dispose();
        _ending.Dispose();
    }

    private bool TryDo(LaneOperation operation, byte flags, uint serial, in MctpEndPoint address, ReadOnlySpan<byte> body)
    {
        switch (operation)
        {
            case LaneOperation.Bind:
                _socket.Bind(address);
                Pump();
                Done(serial);
                return true;
            case LaneOperation.Connect:
                _socket.Connect(address);
                Done(serial);
                return true;
            case LaneOperation.Send:
                SendStatus sent = _socket.TrySendTo(body, address, out MctpTag tag, flags == MoreFollow);
                Pump();
                Reply(serial, sent == SendStatus.Ok ? LaneResult.Done : LaneResult.NotSent, (byte)sent, tag);
                return true;
            case LaneOperation.SendPacket:
                SendStatus passed = _socket.SendPacket(address.Link, body, address.Address);
                Reply(serial, passed == SendStatus.Ok ? LaneResult.Done : LaneResult.NotSent, (byte)passed);
                return true;
            case LaneOperation.AllocateTag:
                Reply(serial, LaneResult.Done, 0, _socket.AllocateTag(address));
                return true;
            case LaneOperation.ReleaseTag:
                _socket.ReleaseTag(address, address.Tag);
                return true;
            case LaneOperation.Abandon:
                _socket.Abandon(address, address.Tag);
                return true;
            case LaneOperation.Flush:
                _socket.Flush();
                return true;
            case LaneOperation.Query:
                Span<byte> numbers = stackalloc byte[8];
                BinaryPrimitives.WriteInt32LittleEndian(numbers, _socket.Available);
                BinaryPrimitives.WriteInt32LittleEndian(numbers[4..], _socket.Strays + _strays);
                Reply(serial, LaneResult.Done, 0, default, numbers);
                return true;
            case LaneOperation.CountStray:
                _strays++;
                return true;
            default:
                return false;
        }
    }

    private void Done(uint serial) => Reply(serial, LaneResult.Done, 0);

    private void Fail(uint serial, MctpException refusal)
    {
        string text = refusal.Message.Length > LongestText ? refusal.Message[..LongestText] : refusal.Message;
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Reply(serial, LaneResult.Failed, (byte)refusal.Error, default, bytes.AsSpan(0, Math.Min(bytes.Length, LongestText)));
    }

    private void Reply(uint serial, LaneResult result, byte code, MctpTag tag = default, ReadOnlySpan<byte> rest = default)
    {
        // Requests without a reply have no serial, and cannot fail in a way that anybody waits for.
        if (serial == 0) return;
        Span<byte> frame = stackalloc byte[LaneFormat.ReplyOffset + LongestText];
        LaneFormat.WriteHead(frame, LaneOperation.Reply, 0, serial);
        frame[LaneFormat.HeadSize] = (byte)result;
        frame[LaneFormat.HeadSize + 1] = code;
        frame[LaneFormat.HeadSize + 2] = tag.Raw;
        frame[LaneFormat.HeadSize + 3] = 0;
        rest.CopyTo(frame[LaneFormat.ReplyOffset..]);
        _client.Answer(frame[..(LaneFormat.ReplyOffset + rest.Length)]);
    }

    // A socket that never sent or bound gets no messages, and needs no buffer.
    private void Pump()
    {
        if (_isPumping || _client.HasEnded) return;
        _isPumping = true;
        _ = PumpAsync(_ending.Token);
    }

    private async Task PumpAsync(CancellationToken ending)
    {
        byte[] frame = new byte[LaneFormat.LongestFrame];
        while (!ending.IsCancellationRequested)
        {
            int length;
            try
            {
                MctpReceiveResult result = await _socket.ReceiveFromAsync(frame.AsMemory(LaneFormat.MessageOffset), ending);
                LaneFormat.WriteHead(frame, LaneOperation.Message, 0, 0);
                LaneFormat.WriteAddress(frame.AsSpan(LaneFormat.HeadSize), result.From);
                frame.AsSpan(LaneFormat.HeadSize + LaneFormat.AddressSize, 4).Clear();
                frame[LaneFormat.HeadSize + LaneFormat.AddressSize] = result.Local.Value;
                length = LaneFormat.MessageOffset + Math.Min(result.Length, LaneFormat.LongestBody);
            }
            catch (MctpException failure) when (failure.Error == MctpError.LinkDown)
            {
                LaneFormat.WriteHead(frame, LaneOperation.LinkDown, 0, 0);
                length = LaneFormat.HeadSize;
            }
            catch (Exception failure) when (failure is OperationCanceledException or MctpException or ObjectDisposedException)
            {
                // The socket ended, by its client or with the node below.
                if (!ending.IsCancellationRequested) _client.Dispose();
                return;
            }

            while (!_client.TrySend(frame.AsSpan(0, length)))
            {
                if (_client.HasEnded) return;
                _room = new TaskCompletionSource();
                await _room.Task;
                _room = null;
            }
        }
    }
}
