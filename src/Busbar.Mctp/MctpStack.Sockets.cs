// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <content>Sockets: opening, binding, receiving, closing.</content>
public sealed partial class MctpStack
{
    private readonly List<MctpSocketCore> _rawSockets = [];

    /// <summary>Opens a socket. It can send at once, and receive the answers to what it sends; requests it receives after a bind.</summary>
    /// <param name="kind">Messages or packets.</param>
    public MctpSocketCore OpenSocket(MctpSocketKind kind = MctpSocketKind.Datagram) => new(this, kind);

    /// <summary>
    /// Asks for requests of a type (datagram), or for packets (raw). At most once per socket.
    /// </summary>
    /// <param name="socket">The socket.</param>
    /// <param name="local">
    /// Datagram: type (its IC bit is ignored); a local EID, or <see cref="Eid.Any"/> for all; a network, where 0 means every network for
    /// <see cref="Eid.Any"/> and the default network otherwise. Raw: the link index, or 0 for all links.
    /// </param>
    public BindStatus Bind(MctpSocketCore socket, in MctpEndPoint local)
    {
        if (socket.IsClosed) return BindStatus.Closed;
        if (socket.BoundTo is not null) return BindStatus.AlreadyBound;
        if (socket.Kind == MctpSocketKind.Raw) return BindRaw(socket, local);
        if (local.Eid != Eid.Any && !local.Eid.IsAssignable) return BindStatus.BadAddress;

        uint network = local.Network;
        if (network == 0 && local.Eid != Eid.Any) network = DefaultNetwork;
        if (socket.ConnectedTo is { } peer)
        {
            if (network == 0) network = peer.Network;
            if (peer.Network != network || peer.Type.Value != local.Type.Value) return BindStatus.PeerMismatch;
        }

        socket.BoundEid = local.Eid;
        socket.BoundNetwork = network;
        BindStatus status = _binds.Add(socket, local.Type.Value);
        if (status == BindStatus.Ok) socket.BoundTo = new MctpEndPoint(local.Eid, local.Type.WithIntegrityCheck(false), network: network);
        else socket.BoundEid = Eid.Any;
        return status;
    }

    /// <summary>Restricts the bind that follows to requests of one peer. At most once, and before the bind; sending is not affected.</summary>
    /// <param name="socket">A datagram socket.</param>
    /// <param name="peer">Peer EID, type without IC bit, network (0 for the default one), and no tag.</param>
    public BindStatus Connect(MctpSocketCore socket, in MctpEndPoint peer)
    {
        if (socket.IsClosed) return BindStatus.Closed;
        if (socket.Kind != MctpSocketKind.Datagram) return BindStatus.WrongKind;
        if (socket.BoundTo is not null || socket.ConnectedTo is not null) return BindStatus.AlreadyBound;
        if (!peer.Eid.IsAssignable || peer.Tag != default || peer.Type.HasIntegrityCheck || peer.IsExtended) return BindStatus.BadAddress;
        socket.Peer = peer.Eid;
        socket.ConnectedTo = peer with { Network = peer.Network == 0 ? DefaultNetwork : peer.Network };
        return BindStatus.Ok;
    }

    /// <summary>Closes a socket: its bind is free again, unanswered requests are given up, unread messages are dropped. Harmless when repeated.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void Close(MctpSocketCore socket, long now)
    {
        if (socket.IsClosed) return;
        socket.IsClosed = true;
        _binds.Remove(socket);
        _tags.ReleaseAll(socket, now);
        if (_rawSockets.Remove(socket)) RefreshRawListeners();
        while (!socket.Queue.IsEmpty)
        {
            Message message = socket.Queue.Dequeue();
            if (socket.Kind == MctpSocketKind.Datagram) message.Port.CountDrop(Statistics, DropReason.SocketClosed);
            _pool.Return(message);
        }
    }

    /// <summary>Takes the first message of a socket's queue.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Gets the body without its type byte (raw: the packet with its header); a longer one is cut and says so.</param>
    /// <param name="result">Where it came from, and its length.</param>
    /// <returns>False when nothing waits.</returns>
    public bool TryReceive(MctpSocketCore socket, Span<byte> buffer, out MctpReceiveResult result)
    {
        if (socket.Queue.IsEmpty)
        {
            result = default;
            return false;
        }

        Message message = socket.Queue.Dequeue();
        Read(socket, message, buffer, out result);
        _pool.Return(message);
        return true;
    }

    /// <summary>Reads the first message of a socket's queue and leaves it there.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">As for <see cref="TryReceive"/>; may be empty to learn the length.</param>
    /// <param name="result">Where it came from, and its length.</param>
    /// <returns>False when nothing waits.</returns>
    public bool TryPeek(MctpSocketCore socket, Span<byte> buffer, out MctpReceiveResult result)
    {
        if (socket.Queue.IsEmpty)
        {
            result = default;
            return false;
        }

        Read(socket, socket.Queue.Peek(), buffer, out result);
        return true;
    }

    private static void Read(MctpSocketCore socket, Message message, Span<byte> buffer, out MctpReceiveResult result)
    {
        // The type byte travels in the address; a packet has one only when it starts a message.
        bool isRaw = socket.Kind == MctpSocketKind.Raw;
        int start = isRaw ? 0 : 1;
        byte type = !isRaw ? message.Data[0] : message.Header.IsStart ? message.Data[MctpHeader.Size] : (byte)0;
        ReadOnlySpan<byte> bytes = message.Data.AsSpan(start, message.Length - start);
        int length = bytes.Length;
        if (length > buffer.Length) bytes = bytes[..buffer.Length];
        bytes.CopyTo(buffer);
        result = new MctpReceiveResult(message.Port, message.Header, type, message.Address, length, length > buffer.Length);
    }

    private BindStatus BindRaw(MctpSocketCore socket, in MctpEndPoint local)
    {
        if (local.Link != 0 && PortAt(local.Link) is null) return BindStatus.WrongKind;
        socket.BoundTo = local;
        _rawSockets.Add(socket);
        RefreshRawListeners();
        return BindStatus.Ok;
    }

    private void RefreshRawListeners()
    {
        foreach (LinkPort port in _ports)
        {
            int index = port.Link.Index;
            MctpSocketCore[] listeners = [.. _rawSockets.Where(socket => socket.BoundTo!.Value.Link == 0 || socket.BoundTo!.Value.Link == index)];
            port.RawListeners = listeners.Length == 0 ? null : listeners;
            RefreshTap(port);
        }
    }
}
