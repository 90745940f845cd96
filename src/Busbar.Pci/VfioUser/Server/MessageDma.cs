// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// Accesses to the client's memory by message, one at a time, sent only while no request of the client is unanswered: QEMU answers nothing before it has
/// its own answer. Any thread queues; the loop's thread does the rest.
/// </summary>
internal sealed class MessageDma(VfioUserServerOptions options, VfioUserStatistics statistics)
{
    private readonly Lock _lock = new();
    private readonly Queue<MessageDmaRequest> _waiting = new();
    private byte[] _message = [];
    private MessageDmaRequest? _asked;
    private long _deadline;
    private ushort _id;
    private int _largest;
    private bool _isOpen;

    /// <summary>When the loop has to look again although nothing came; <see cref="long.MaxValue"/> for never.</summary>
    public long Deadline => _asked is null ? long.MaxValue : _deadline;

    /// <summary>Bytes of the largest access; 0 without a client.</summary>
    public int Largest => Volatile.Read(ref _largest);

    /// <summary>A client has negotiated.</summary>
    public void Open(int largest)
    {
        lock (_lock)
        {
            _isOpen = true;
            Volatile.Write(ref _largest, largest);
        }
    }

    /// <summary>The client is gone; everything that waits has failed.</summary>
    public void Close()
    {
        MessageDmaRequest[] failed;
        lock (_lock)
        {
            _isOpen = false;
            Volatile.Write(ref _largest, 0);
            failed = [.. _waiting];
            _waiting.Clear();
        }

        Finish(Errno.ECONNRESET, default);
        foreach (MessageDmaRequest request in failed) Complete(request, Errno.ECONNRESET, default);
    }

    /// <summary>Queues an access. Any thread.</summary>
    /// <returns>False without a client, with a full queue, or when the access is too large.</returns>
    public bool TryQueue(MessageDmaRequest request)
    {
        lock (_lock)
        {
            if (!_isOpen || request.Count > _largest || _waiting.Count >= options.MaximumMessageDmaWaiting) return false;
            _waiting.Enqueue(request);
            return true;
        }
    }

    /// <summary>Sends the next one if none is under way.</summary>
    /// <returns>False when the client is gone.</returns>
    public bool TryAsk(MessageStream messages, long now)
    {
        if (_asked is not null || messages.HasBacklog || messages.IsInsideMessage) return true;
        lock (_lock)
        {
            if (!_waiting.TryDequeue(out _asked)) return true;
        }

        int sent = _asked.Data?.Length ?? 0;
        int length = VfioUserHeader.Length + VfioUserFormat.AccessLength + sent;
        if (_message.Length < length) _message = new byte[length];
        VfioUserCommand command = _asked.Data is null ? VfioUserCommand.DmaRead : VfioUserCommand.DmaWrite;
        new VfioUserHeader(++_id, command, (uint)length, VfioUserFormat.CommandType, 0).Write(_message);
        new DmaAccessHeader(_asked.Address, (ulong)_asked.Count).Write(_message.AsSpan(VfioUserHeader.Length));
        _asked.Data?.CopyTo(_message, VfioUserHeader.Length + VfioUserFormat.AccessLength);
        _deadline = now + options.MessageDmaLimitMs;
        return messages.TrySend(_message.AsSpan(0, length));
    }

    /// <summary>Takes a reply.</summary>
    public void Accept(VfioUserHeader header, ReadOnlySpan<byte> payload)
    {
        VfioUserCommand expected = _asked?.Data is null ? VfioUserCommand.DmaRead : VfioUserCommand.DmaWrite;
        if (_asked is null || header.Id != _id || header.Command != expected)
        {
            statistics.CountStrayReply();
            return;
        }

        if (header.IsError)
        {
            Finish(header.Error is 0 or > 4095 ? Errno.EPROTO : (Errno)header.Error, default);
            return;
        }

        bool reads = _asked.Data is null;
        int wanted = VfioUserFormat.AccessLength + (reads ? _asked.Count : 0);
        bool good = payload.Length == wanted && DmaAccessHeader.Read(payload) == new DmaAccessHeader(_asked.Address, (ulong)_asked.Count);
        Finish(good ? Errno.None : Errno.EPROTO, good && reads ? payload[VfioUserFormat.AccessLength..] : default);
    }

    /// <summary>Gives up on an answer that takes too long.</summary>
    public void Expire(long now)
    {
        if (_asked is not null && now >= _deadline) Finish(Errno.ETIMEDOUT, default);
    }

    private void Finish(Errno error, ReadOnlySpan<byte> data)
    {
        if (_asked is not { } request) return;
        _asked = null;
        Complete(request, error, data);
    }

    private void Complete(MessageDmaRequest request, Errno error, ReadOnlySpan<byte> data)
    {
        statistics.CountMessageDma(error == Errno.None);
        request.Done(error, data);
    }
}
