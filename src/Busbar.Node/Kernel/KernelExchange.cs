// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// One conversation over a kernel socket of its own, with a tag that is taken ahead where that is possible: the kernel's automatic tags are the lowest free ones and at once
/// in use again, so that a late answer would meet the next question.
/// </summary>
internal sealed class KernelExchange : IControlExchange
{
    private const int MostAnswersPerTurn = 32;

    private readonly KernelHost _host;
    private readonly EventLoop _loop;
    private readonly RestingExchanges _resting;
    private readonly MctpEndPoint _to;
    private IMctpDatagrams? _socket;
    private LoopWatch? _watch;
    private MctpTag _tag = MctpTag.Owner;
    private bool _isUnanswered;
    private bool _disposed;

    public KernelExchange(KernelHost host, EventLoop loop, RestingExchanges resting, in MctpEndPoint to)
    {
        _host = host;
        _loop = loop;
        _resting = resting;
        _to = to;
    }

    public Action<MctpEndPoint, ReadOnlySpan<byte>>? Answered { get; set; }

    public SendStatus Send(ReadOnlySpan<byte> body)
    {
        if (_disposed) return SendStatus.Closed;
        SendStatus status = Prepare();
        if (status == SendStatus.Ok)
        {
            Span<byte> address = stackalloc byte[MctpEndPoint.ExtendedSize];
            int size = (_to with { Tag = _tag }).WriteSockaddr(address);
            status = KernelRefusals.Translate(_socket!.Send(address[..size], body), _to.IsExtended);
        }

        if (status == SendStatus.Ok)
        {
            _isUnanswered = true;
            _host.Statistics.Sent++;
        }
        else
        {
            _host.Statistics.SendsFailed++;
        }

        return status;
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _watch?.Dispose();
        if (_socket is null) return;
        if (_isUnanswered && _tag.IsPreallocated) _resting.Add(_socket);
        else _socket.Dispose();
    }

    private SendStatus Prepare()
    {
        if (_socket is not null) return SendStatus.Ok;
        IMctpDatagrams socket;
        try
        {
            socket = _host.Facilities.OpenMctp();
        }
        catch (LinuxException failure)
        {
            return KernelRefusals.Translate(failure.Errno, _to.IsExtended);
        }

        SendStatus status = TakeTag(socket);
        if (status != SendStatus.Ok)
        {
            socket.Dispose();
            return status;
        }

        _socket = socket;
        _watch = _loop.Watch(socket.Descriptor, PollEvents.Readable, _ => TakeAnswers());
        return SendStatus.Ok;
    }

    private SendStatus TakeTag(IMctpDatagrams socket)
    {
        // The null EID stands for whoever sits there, so the answer may come from anybody; the same goes for a broadcast.
        byte peer = _to.Eid == Eid.Null ? Eid.Any.Value : _to.Eid.Value;
        while (true)
        {
            Errno answer = socket.AllocateTag(_to.Network, peer, out byte raw);
            switch (answer)
            {
                case Errno.None:
                    return MctpTag.TryCreate(raw, out _tag) ? SendStatus.Ok : SendStatus.NoTag;
                case Errno.EBUSY when _resting.ReleaseOldest():
                    continue;
                case Errno.EBUSY:
                    return SendStatus.NoTag;
                case Errno.EACCES or Errno.EPERM:
                    return SendStatus.NotPermitted;
                default:
                    // Kernels before 5.18, and harnesses: the send takes a tag.
                    _tag = MctpTag.Owner;
                    return SendStatus.Ok;
            }
        }
    }

    private void TakeAnswers()
    {
        Span<byte> body = stackalloc byte[KernelHost.LongestMessage];
        Span<byte> address = stackalloc byte[MctpEndPoint.ExtendedSize];
        for (int i = 0; i < MostAnswersPerTurn && !_disposed; i++)
        {
            Errno taken = _socket!.TryReceive(body, address, out int addressLength, out int length);
            if (taken == Errno.EAGAIN) return;
            if (taken is Errno.EPIPE or Errno.ECONNRESET or Errno.EBADF)
            {
                _watch!.Dispose();
                return;
            }

            if (taken != Errno.None || length > body.Length || Answered is null || !MctpEndPoint.TryReadSockaddr(address[..addressLength], out MctpEndPoint from)
                || from.Tag.IsOwner || from.Type != MessageType.Control)
            {
                _host.Statistics.AnswersRefused++;
                continue;
            }

            _isUnanswered = false;
            _host.Statistics.Answers++;
            Answered(from, body[..length]);
        }
    }
}
