// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Mctp;

/// <content>
/// Receiving: from a packet on a link to a message in a socket's queue. What a packet says is read once: header and type byte are snapshots,
/// and everything else is copied before it is looked at.
/// </content>
public sealed partial class MctpStack
{
    private const uint EndMask = 0x40_00_00_00;
    private const uint StartMask = 0x80_00_00_00;
    private const uint OwnerMask = 0x08_00_00_00;

    /// <summary>Takes one packet. Everything but the common case of a long message is kept out of this method, so that it stays small.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Receive(LinkPort port, uint header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ref PollContext context)
    {
        if (port.IsTapped && !Tap(port, header, first, second)) return;
        if ((header & StartMask) != 0)
        {
            ReceiveStart(port, header, first, second, ref context);
            return;
        }

        // The next packet of a message in progress: one comparison covers version, both EIDs, TO, tag, sequence and SOM.
        Assembly assembly = port.Recent[(header >> 24) & 7];
        int length = first.Length + second.Length;
        if ((header & Assembly.ExpectedMask) == assembly.Expected && length == assembly.Unit && assembly.TryAppend(first, second))
        {
            if ((header & EndMask) != 0) Deliver(port, assembly, ref context);
        }
        else
        {
            ReceiveContinuation(port, header, first, second, ref context);
        }
    }

    // A middle or last packet that is not simply the next full one.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReceiveContinuation(LinkPort port, uint header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ref PollContext context)
    {
        if (Refuse(port, header, first.Length + second.Length) is { } reason) port.CountDrop(Statistics, reason);
        else if (_reassembler.Continue(port, header, first, second) is { } assembly && (header & EndMask) != 0) Deliver(port, assembly, ref context);
    }

    // What is wrong with a packet by itself. Such packets leave running assemblies alone (DSP0236, "dropped packets").
    private DropReason? Refuse(LinkPort port, uint header, int length)
    {
        int source = (int)(header >> 16) & 0xFF;
        if ((header & 0x0F) != MctpHeader.CurrentVersion) return DropReason.BadVersion;
        if (length == 0) return DropReason.EmptyPayload;
        if (length > _options.MaximumMessage) return DropReason.PacketTooLarge;
        if ((uint)(source - 1) < 7 || source == Eid.Broadcast.Value) return DropReason.ReservedSource;

        // A stack that forwards has taken the packets for others out before (see the tap).
        return port.Network.Accepts((int)(header >> 8) & 0xFF) ? null : DropReason.NotForUs;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReceiveStart(LinkPort port, uint header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ref PollContext context)
    {
        if (Refuse(port, header, first.Length + second.Length) is { } wrong)
        {
            port.CountDrop(Statistics, wrong);
            return;
        }

        byte type = first.Length != 0 ? first[0] : second[0];
        MctpSocketCore? socket = null;
        IMctpService? service = null;
        TagSet? tags = null;
        DropReason reason = (header & OwnerMask) != 0
            ? FindListener(port, header, type, out socket, out service)
            : FindRequester(port, header, out socket, out tags);
        if (socket is null && service is null)
        {
            port.CountDrop(Statistics, reason);
            return;
        }

        if ((header & EndMask) == 0)
        {
            if (tags is not null) _tags.HoldForAssembly(tags, (int)(header >> 24) & 7, context.Now);
            _reassembler.Start(port, header, type, first, second, context.Now);
            return;
        }

        if (port.Assemblies.Count != 0) _reassembler.Supersede(port, header);
        if (tags is not null) TagTable.Answered(tags, (int)(header >> 24) & 7);
        if (socket is not null && ReferenceEquals(socket, context.Receiver) && socket.Queue.IsEmpty && !context.IsFilled)
        {
            ReceiveDirectly(port, header, type, first, second, ref context);
            return;
        }

        int length = first.Length + second.Length;
        int sizeClass = _pool.ClassFor(length);
        if (socket is not null && !HasRoom(socket, _pool.SizeOf(sizeClass)))
        {
            socket.Dropped++;
            port.CountDrop(Statistics, DropReason.QueueFull);
            return;
        }

        Message message = _pool.Rent(sizeClass);
        message.Header = new MctpHeader(header);
        message.SetOrigin(port, port.Sender);
        message.Length = length;
        message.Unit = length;
        Reassembler.WritePayload(message.Data, type, first, second);
        if (socket is not null) Enqueue(socket, message, ref context);
        else Enqueue(service!, message);
    }

    private void ReceiveDirectly(LinkPort port, uint header, byte type, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ref PollContext context)
    {
        Span<byte> buffer = context.Buffer;
        if (first.Length == 0)
        {
            first = second;
            second = default;
        }

        first = first[1..];
        int length = first.Length + second.Length;
        if (length > buffer.Length)
        {
            if (first.Length > buffer.Length) first = first[..buffer.Length];
            second = second[..Math.Min(second.Length, buffer.Length - first.Length)];
        }

        PacketCopy.Copy(first, buffer);
        if (second.Length != 0) second.CopyTo(buffer[first.Length..]);
        Statistics.MessagesReceived++;
        if ((port.Sender.Length | _filledFrom.Length) != 0) _filledFrom = port.Sender;
        context.Fill(header, type, length);
    }

    // A message that was put together: its listener may have changed since its first packet.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Deliver(LinkPort port, Assembly assembly, ref PollContext context)
    {
        Message message = _reassembler.Finish(port, assembly);
        uint header = message.Header.Raw;
        IMctpService? service = null;
        DropReason reason;
        MctpSocketCore? socket;
        if ((header & OwnerMask) != 0)
        {
            reason = FindListener(port, header, message.Data[0], out socket, out service);
        }
        else
        {
            reason = FindRequester(port, header, out socket, out TagSet? tags);
            if (tags is not null) TagTable.Answered(tags, (int)(header >> 24) & 7);
        }

        if (socket is not null && !HasRoom(socket, message.Capacity))
        {
            socket.Dropped++;
            socket = null;
            reason = DropReason.QueueFull;
        }

        if (socket is not null)
        {
            Enqueue(socket, message, ref context);
        }
        else if (service is not null)
        {
            Enqueue(service, message);
        }
        else
        {
            _pool.Return(message);
            port.CountDrop(Statistics, reason);
        }
    }

    private DropReason FindListener(LinkPort port, uint header, byte type, out MctpSocketCore? socket, out IMctpService? service)
    {
        int value = type & 0x7F;
        socket = _binds.Find(value, port.Network.Id, (int)(header >> 8) & 0xFF, (int)(header >> 16) & 0xFF);
        service = socket is null ? ServiceFor(value) : null;
        return DropReason.NoListener;
    }

    // Expired tags are in their cool-down by now, because timers run before links.
    private static DropReason FindRequester(LinkPort port, uint header, out MctpSocketCore? socket, out TagSet? tags)
    {
        int tag = (int)(header >> 24) & 7;
        tags = port.Network.Tags.Match((int)(header >> 8) & 0xFF, (int)(header >> 16) & 0xFF, tag, port, out bool wasKnown);
        socket = tags?.Slots[tag].Socket;
        return wasKnown ? DropReason.ExpiredTag : DropReason.UnknownTag;
    }

    private bool HasRoom(MctpSocketCore socket, int bytes) =>
        socket.Queue.Count < _options.SocketQueueMessages && socket.Queue.Bytes + bytes <= _options.SocketQueueBytes;

    private void Enqueue(MctpSocketCore socket, Message message, ref PollContext context)
    {
        socket.Queue.Enqueue(message);
        Statistics.MessagesReceived++;
        if (ReferenceEquals(socket, context.Receiver)) context.Stop();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CopyToRawSockets(LinkPort port, uint header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int length = MctpHeader.Size + first.Length + second.Length;
        foreach (MctpSocketCore socket in port.RawListeners!)
        {
            int sizeClass = _pool.ClassFor(length);
            if (length > _pool.SizeOf(sizeClass) || !HasRoom(socket, _pool.SizeOf(sizeClass)))
            {
                socket.Dropped++;
                port.CountDrop(Statistics, DropReason.RawQueueFull);
                continue;
            }

            Message message = _pool.Rent(sizeClass);
            message.Header = new MctpHeader(header);
            message.SetOrigin(port, port.Sender);
            message.Length = length;
            message.Header.Write(message.Data);
            first.CopyTo(message.Data.AsSpan(MctpHeader.Size));
            second.CopyTo(message.Data.AsSpan(MctpHeader.Size + first.Length));
            socket.Queue.Enqueue(message);
        }
    }
}
