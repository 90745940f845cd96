// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// The client's end of a vfio-user connection: asks and waits for the answer, with a limit, and serves what the server asks meanwhile. Any thread; one question at a
/// time. What the server says is not trusted: answers are checked, and one that makes no sense ends the connection.
/// </summary>
internal sealed class ClientChannel(UnixStream stream, int timeoutMs, IClientMemory memory) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly MessageStream _messages = new(stream);
    private byte[] _question = new byte[256];
    private byte[] _answer = [];
    private ushort _id;
    private volatile bool _isGone;

    /// <summary>The socket, for polling: readable when the server asks something, or is gone.</summary>
    public FileDescriptor Socket => _messages.Socket;

    /// <summary>The connection is over.</summary>
    public bool IsGone => _isGone;

    /// <summary>Asks and waits for the answer.</summary>
    /// <param name="command">The command.</param>
    /// <param name="payload">What follows the header.</param>
    /// <param name="more">What follows that.</param>
    /// <param name="descriptors">What goes along.</param>
    /// <param name="answer">Takes the answer's payload; what does not fit is an answer that makes no sense.</param>
    /// <param name="length">Bytes of the answer.</param>
    /// <param name="received">Takes the descriptors that came; null closes them.</param>
    /// <returns>
    /// <see cref="Errno.None"/>, what the server answered, <see cref="Errno.ETIMEDOUT"/> or <see cref="Errno.ECONNRESET"/> when it is gone.
    /// </returns>
    public Errno Ask(
        VfioUserCommand command,
        ReadOnlySpan<byte> payload,
        ReadOnlySpan<byte> more,
        ReadOnlySpan<FileDescriptor> descriptors,
        Span<byte> answer,
        out int length,
        List<FileDescriptor>? received = null)
    {
        length = 0;
        lock (_lock)
        {
            if (_isGone) return Errno.ECONNRESET;
            int size = VfioUserHeader.Length + payload.Length + more.Length;
            if (_question.Length < size) _question = new byte[size];
            new VfioUserHeader(++_id, command, (uint)size, VfioUserFormat.CommandType, 0).Write(_question);
            payload.CopyTo(_question.AsSpan(VfioUserHeader.Length));
            more.CopyTo(_question.AsSpan(VfioUserHeader.Length + payload.Length));
            if (!_messages.TrySend(_question.AsSpan(0, size), descriptors)) return Break(Errno.ECONNRESET);

            long start = Stopwatch.GetTimestamp();
            while (true)
            {
                if (!_messages.TryFlush()) return Break(Errno.ECONNRESET);
                switch (_messages.TryReceive(mayReceive: true))
                {
                    case ReceiveStatus.Message when _messages.Header.Type == VfioUserFormat.ReplyType:
                        return TakeAnswer(command, answer, out length, received);
                    case ReceiveStatus.Message:
                        // A server that asks without end gets no more time than one that is silent.
                        if (!TryServe()) return Break(Errno.ECONNRESET);
                        if (Left(start) <= 0) return Break(Errno.ETIMEDOUT);
                        break;
                    case ReceiveStatus.WouldBlock:
                        int left = Left(start);
                        if (left <= 0 || !_messages.Wait(left)) return Break(Errno.ETIMEDOUT);
                        break;
                    default:
                        return Break(Errno.ECONNRESET);
                }
            }
        }
    }

    /// <summary>Serves what the server asks, without waiting.</summary>
    /// <returns>False when the connection is over.</returns>
    public bool ServePending()
    {
        lock (_lock)
        {
            // As many as a server sends before it waits for an answer, and some.
            for (int i = 0; i < 64 && !_isGone; i++)
            {
                if (!_messages.TryFlush()) Break(Errno.ECONNRESET);
                else if (_messages.TryReceive(mayReceive: true) is var status && status == ReceiveStatus.WouldBlock) return true;
                else if (status != ReceiveStatus.Message || !TryServe()) Break(Errno.ECONNRESET);
            }

            return !_isGone;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _isGone = true;
            _messages.Dispose();
        }
    }

    private int Left(long start) => timeoutMs - (int)Stopwatch.GetElapsedTime(start).TotalMilliseconds;

    private Errno TakeAnswer(VfioUserCommand command, Span<byte> answer, out int length, List<FileDescriptor>? received)
    {
        VfioUserHeader header = _messages.Header;
        ReadOnlySpan<byte> payload = _messages.Payload;
        length = 0;
        bool makesSense = header.Id == _id && header.Command == command && !_messages.HasExcessDescriptors
            && (header.IsError ? header.Error is > 0 and <= 4095 : payload.Length <= answer.Length);
        if (!makesSense) return Break(Errno.EPROTO);
        if (!header.IsError)
        {
            length = payload.Length;
            payload.CopyTo(answer);
            if (received is not null)
            {
                received.AddRange(_messages.Descriptors);
                _messages.Descriptors.Clear();
            }
        }

        _messages.Consume();
        return header.IsError ? (Errno)header.Error : Errno.None;
    }

    // The server reads or writes memory that it was given; false when it broke the protocol or is gone.
    private bool TryServe()
    {
        VfioUserHeader header = _messages.Header;
        ReadOnlySpan<byte> payload = _messages.Payload;
        if (header.Type != VfioUserFormat.CommandType) return false;
        Errno error = Errno.EINVAL;
        int length = 0;
        bool reads = header.Command == VfioUserCommand.DmaRead;
        if ((reads || header.Command == VfioUserCommand.DmaWrite) && payload.Length >= VfioUserFormat.AccessLength)
        {
            DmaAccessHeader access = DmaAccessHeader.Read(payload);
            ReadOnlySpan<byte> data = payload[VfioUserFormat.AccessLength..];
            if (access.Count <= VfioUserFormat.LargestTransfer && (reads ? data.IsEmpty : (ulong)data.Length == access.Count))
            {
                length = VfioUserFormat.AccessLength + (reads ? (int)access.Count : 0);
                Span<byte> answer = Reserve(length);
                access.Write(answer);
                bool done = reads ? memory.TryRead(access.Address, answer[VfioUserFormat.AccessLength..]) : memory.TryWrite(access.Address, data);
                error = done ? Errno.None : Errno.ENODEV;
            }
        }

        if (error != Errno.None) length = 0;
        Reserve(length);
        int size = VfioUserHeader.Length + length;
        uint flags = VfioUserFormat.ReplyType | (error == Errno.None ? 0 : VfioUserFormat.ErrorReply);
        new VfioUserHeader(header.Id, header.Command, (uint)size, flags, (uint)error).Write(_answer);
        _messages.Consume();

        // A server that asks and does not read the answers would make us keep ever more of them.
        return header.IsNoReply || (!_messages.HasBacklog && _messages.TrySend(_answer.AsSpan(0, size)));
    }

    private Span<byte> Reserve(int length)
    {
        int size = VfioUserHeader.Length + length;
        if (_answer.Length < size) Array.Resize(ref _answer, size);
        return _answer.AsSpan(VfioUserHeader.Length, length);
    }

    private Errno Break(Errno reason)
    {
        _isGone = true;
        _messages.Dispose();
        return reason;
    }
}
