// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>The daemon's socket: accepts clients and opens their lanes. All in the loop's thread.</summary>
internal sealed class ClientListener : IDisposable
{
    private readonly EventLoop _loop;
    private readonly IMctpSocketSource? _sockets;
    private readonly AdministrationService? _administration;
    private readonly HashSet<ClientConnection> _clients = [];
    private readonly ClientDoor _door;
    private bool _disposed;

    public ClientListener(EventLoop loop, UnixListener listener, IMctpSocketSource? sockets, AdministrationService? administration, ClientCounters counters)
    {
        _loop = loop;
        _sockets = sockets;
        _administration = administration;
        Counters = counters;
        _door = new ClientDoor(loop, listener, counters, Admit);
    }

    public ClientCounters Counters { get; }

    /// <summary>Where packets are received into; one for all clients, because one thread serves them one after another. A byte longer than any good packet.</summary>
    public byte[] Buffer { get; } = new byte[LaneFormat.LongestFrame + 1];

    public ILane? TryOpenLane(ClientConnection client, LaneKind kind, out string reason)
    {
        reason = "";
        switch (kind)
        {
            case LaneKind.Administration when _administration is null:
                reason = "this daemon cannot be administered";
                return null;
            case LaneKind.Administration:
                return new AdministrationLane(client, _administration);
            case LaneKind.Datagram or LaneKind.Raw when _sockets is null:
                reason = "this daemon has no sockets to offer";
                return null;
            case LaneKind.Datagram or LaneKind.Raw:
                try
                {
                    return new SocketLane(client, _sockets.OpenSocket(kind == LaneKind.Raw ? MctpSocketKind.Raw : MctpSocketKind.Datagram));
                }
                catch (Exception failure) when (failure is MctpException or ObjectDisposedException)
                {
                    reason = failure.Message;
                    return null;
                }

            default:
                reason = $"there is no lane {(byte)kind}";
                return null;
        }
    }

    public void Ended(ClientConnection client)
    {
        if (_clients.Remove(client)) Counters.Connected--;
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _door.Dispose();
        foreach (ClientConnection client in _clients.ToArray()) client.Dispose();
    }

    private void Refuse(UnixPackets packets)
    {
        Counters.Refused++;
        Span<byte> hello = stackalloc byte[LaneFormat.HelloSize];
        LaneFormat.WriteHello(hello, (byte)LaneAnswer.Busy);
        packets.TrySend(hello, "there are too many clients; close some, or raise max_clients"u8);
        packets.Dispose();
    }

    private void Admit(UnixPackets packets)
    {
        if (Counters.Connected >= Counters.Most)
        {
            Refuse(packets);
            return;
        }

        Counters.Connected++;
        Counters.Accepted++;
        _clients.Add(new ClientConnection(packets, this, _loop));
    }
}
