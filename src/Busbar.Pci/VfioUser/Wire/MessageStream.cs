// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// Cuts a stream into vfio-user messages with their descriptors, and sends whole messages without ever waiting: what does not fit is kept until
/// <see cref="TryFlush"/>. One thread at a time. Allocates only while its buffers grow.
/// </summary>
internal sealed class MessageStream : IDisposable
{
    // One receive takes a read request (32 bytes) or a write of 4 bytes (36) whole. It must not be larger than the smallest message that brings descriptors,
    // which is SET_IRQS with 36 bytes: then at most one message that brings some begins in a receive, namely the last one that begins there.
    private const int FirstReceive = 36;
    private const int FirstBuffer = 4096;

    private readonly UnixStream _stream;
    private readonly List<FileDescriptor> _arrived = [];
    private readonly List<FileDescriptor> _descriptors = [];

    // Of a message that begins behind the present one, which is still in the buffer.
    private readonly List<FileDescriptor> _laterDescriptors = [];
    private int _laterStart;
    private bool _laterExcess;

    private byte[] _in = new byte[FirstBuffer];
    private int _have;
    private ReceiveStatus _verdict = ReceiveStatus.Message;

    private byte[] _out = [];
    private int _outStart;
    private int _outEnd;
    private readonly List<FileDescriptor> _outDescriptors = [];

    public MessageStream(UnixStream stream) => _stream = stream;

    public FileDescriptor Socket => _stream.Descriptor;

    /// <summary>The header of the message that was received last.</summary>
    public VfioUserHeader Header { get; private set; }

    /// <summary>What follows the header; valid until <see cref="Consume"/>.</summary>
    public ReadOnlySpan<byte> Payload => _in.AsSpan(VfioUserHeader.Length, (int)Header.Size - VfioUserHeader.Length);

    /// <summary>The descriptors of the message. Whoever takes one out owns it; <see cref="Consume"/> closes the others.</summary>
    public List<FileDescriptor> Descriptors => _descriptors;

    /// <summary>More descriptors came with the message than are allowed, or than this process had room for; those in excess are closed.</summary>
    public bool HasExcessDescriptors { get; private set; }

    /// <summary>Bytes wait for the other end to read.</summary>
    public bool HasBacklog => _outEnd > _outStart;

    /// <summary>A part of a message has been received.</summary>
    public bool IsInsideMessage => _have > 0;

    /// <summary>The other end cannot send any more; what it sent before is still there.</summary>
    public void StopReceiving() => _stream.StopReceiving();

    /// <summary>Takes the next message if it is whole; a message stays until <see cref="Consume"/>.</summary>
    /// <param name="mayReceive">False to look only at what has been received already.</param>
    public ReceiveStatus TryReceive(bool mayReceive)
    {
        while (true)
        {
            int wanted = FirstReceive;
            if (_have >= VfioUserHeader.Length)
            {
                Header = VfioUserHeader.Read(_in);
                if (Header.Size is < VfioUserHeader.Length or > VfioUserFormat.LargestMessage) return ReceiveStatus.BadSize;
                wanted = (int)Header.Size;
                if (_have >= wanted) return ReceiveStatus.Message;
            }

            if (_verdict != ReceiveStatus.Message) return _verdict;
            if (!mayReceive) return ReceiveStatus.WouldBlock;
            if (_in.Length < wanted) Array.Resize(ref _in, Math.Max(wanted, Math.Min(_in.Length * 4, VfioUserFormat.LargestMessage)));
            ReceiveResult result = _stream.TryReceive(_in.AsSpan(_have, wanted - _have), _arrived, out int count);
            if (result == ReceiveResult.WouldBlock) return ReceiveStatus.WouldBlock;
            if (result == ReceiveResult.Closed)
            {
                _verdict = _have == 0 ? ReceiveStatus.Closed : ReceiveStatus.Truncated;
                return _verdict;
            }

            int before = _have;
            _have += count;
            if (_arrived.Count > 0 || result == ReceiveResult.BadDescriptors) Attribute(before, lost: result == ReceiveResult.BadDescriptors);

            // A short answer nearly always means that there is no more; the caller's poll finds out for less than another call would cost.
            if (count < wanted - before && _have < VfioUserHeader.Length) return ReceiveStatus.WouldBlock;
        }
    }

    /// <summary>Lets go of the present message and closes the descriptors that nobody took.</summary>
    public void Consume()
    {
        CloseAll(_descriptors);
        HasExcessDescriptors = false;
        int size = (int)Header.Size;
        _have -= size;
        if (_have > 0) _in.AsSpan(size, _have).CopyTo(_in);
        if (_laterStart == 0) return;
        _laterStart -= size;
        if (_laterStart > 0) return;
        _descriptors.AddRange(_laterDescriptors);
        _laterDescriptors.Clear();
        HasExcessDescriptors = _laterExcess;
        _laterExcess = false;
    }

    /// <summary>Sends a message, or keeps what does not fit.</summary>
    /// <param name="message">Header and payload.</param>
    /// <param name="descriptors">They go along; they must stay open until the message is gone.</param>
    /// <returns>False when the other end is gone.</returns>
    public bool TrySend(ReadOnlySpan<byte> message, ReadOnlySpan<FileDescriptor> descriptors = default)
    {
        if (!HasBacklog)
        {
            SendResult result = _stream.TrySend(message, descriptors, out int sent);
            if (result == SendResult.Closed) return false;
            if (result == SendResult.Sent)
            {
                if (sent == message.Length) return true;
                message = message[sent..];
                descriptors = default;
            }
        }

        Keep(message, descriptors);
        return true;
    }

    /// <summary>Sends as much as fits of what was kept.</summary>
    /// <returns>False when the other end is gone.</returns>
    public bool TryFlush()
    {
        while (HasBacklog)
        {
            ReadOnlySpan<FileDescriptor> descriptors = CollectionsMarshal.AsSpan(_outDescriptors);
            SendResult result = _stream.TrySend(_out.AsSpan(_outStart, _outEnd - _outStart), descriptors, out int sent);
            if (result == SendResult.Closed) return false;
            if (result == SendResult.WouldBlock) return true;
            _outDescriptors.Clear();
            _outStart += sent;
        }

        return true;
    }

    /// <summary>Waits until the other end has sent something, has room, or is gone; for a client, which has nothing else to do.</summary>
    public bool Wait(int timeoutMs) => _stream.Wait(HasBacklog ? PollEvents.Readable | PollEvents.Writable : PollEvents.Readable, timeoutMs);

    public void Dispose()
    {
        CloseAll(_arrived);
        CloseAll(_descriptors);
        CloseAll(_laterDescriptors);
        _stream.Dispose();
    }

    // The kernel ends a receive behind the call that brought descriptors, so they are those of the last message that begins in what
    // was received; if none begins there, the sender spread them over the message that is being received.
    private void Attribute(int before, bool lost)
    {
        int start = 0;
        while (_have - start >= VfioUserHeader.Length)
        {
            uint size = VfioUserHeader.Read(_in.AsSpan(start)).Size;
            if (size < VfioUserHeader.Length || size >= (uint)(_have - start)) break;
            start += (int)size;
        }

        bool isLater = start > 0 && start >= before;
        if (isLater) _laterStart = start;
        List<FileDescriptor> target = isLater ? _laterDescriptors : _descriptors;
        bool excess = lost;
        foreach (FileDescriptor descriptor in _arrived)
        {
            if (target.Count < VfioUserFormat.MostDescriptors)
            {
                target.Add(descriptor);
                continue;
            }

            descriptor.Dispose();
            excess = true;
        }

        _arrived.Clear();
        if (isLater) _laterExcess |= excess;
        else HasExcessDescriptors |= excess;
    }

    private void Keep(ReadOnlySpan<byte> message, ReadOnlySpan<FileDescriptor> descriptors)
    {
        if (_outStart == _outEnd) _outStart = _outEnd = 0;
        if (_out.Length - _outEnd < message.Length)
        {
            int length = _outEnd - _outStart;
            byte[] larger = _out.Length >= length + message.Length ? _out : new byte[Math.Max(FirstBuffer, (length + message.Length) * 2)];
            _out.AsSpan(_outStart, length).CopyTo(larger);
            _out = larger;
            _outStart = 0;
            _outEnd = length;
        }

        message.CopyTo(_out.AsSpan(_outEnd));
        _outEnd += message.Length;
        foreach (FileDescriptor descriptor in descriptors) _outDescriptors.Add(descriptor);
    }

    private static void CloseAll(List<FileDescriptor> descriptors)
    {
        foreach (FileDescriptor descriptor in descriptors) descriptor.Dispose();
        descriptors.Clear();
    }
}
