// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>
/// The demultiplexer's socket, with the framing of libmctp's daemon: a client sends the type that it wants as its first packet; from then on packets are EID, type byte, payload in both
/// directions, and every client of a type gets every message of it. What that daemon cannot do is done here: answers carry the tag of the request that they answer.
/// </summary>
/// <remarks>All in the loop's thread.</remarks>
internal sealed class MuxListener : IDisposable
{
    /// <summary>The longest packet: EID, type, and a message.</summary>
    public const int LongestPacket = 1 + 65_536;

    // What all clients together may leave unread beyond their sockets' own buffers: everybody on the machine may connect, and have packets sent to himself.
    private const long MostWaitingBytes = 16 << 20;

    private readonly EventLoop _loop;
    private readonly IMctpSocketSource _sockets;
    private readonly Func<Eid, bool> _isOurs;
    private readonly Action<string> _warn;
    private readonly ClientDoor _door;
    private readonly HashSet<MuxClient> _clients = [];
    private readonly MuxChannel?[] _channels = new MuxChannel?[128];
    private bool _disposed;

    public MuxListener(EventLoop loop, UnixListener listener, IMctpSocketSource sockets, Func<Eid, bool> isOurs, ClientCounters counters, Action<string> warn)
    {
        _loop = loop;
        _sockets = sockets;
        _isOurs = isOurs;
        _warn = warn;
        Counters = counters;
        _door = new ClientDoor(loop, listener, counters, Admit);
    }

    public ClientCounters Counters { get; }

    /// <summary>Bytes that wait for clients to read, of all together.</summary>
    public long WaitingBytes { get; private set; }

    /// <summary>Where packets are received into.</summary>
    public byte[] Buffer { get; } = new byte[LongestPacket];

    /// <summary>Makes sure that messages of a type come here.</summary>
    /// <returns>False when somebody else has the type.</returns>
    public bool TryRegister(MessageType type)
    {
        try
        {
            ChannelOf(type).Bind();
            return true;
        }
        catch (MctpException refusal)
        {
            _warn($"a client of the demultiplexer wants message type {type}: {refusal.Message}");
            return false;
        }
    }

    /// <summary>Sends what a client handed over: destination EID, type byte, payload.</summary>
    public void Send(ReadOnlySpan<byte> packet)
    {
        if (packet.Length < 2)
        {
            Counters.Malformed++;
            return;
        }

        var eid = new Eid(packet[0]);
        var type = new MessageType(packet[1]);
        if (type.Value == MessageType.Control.Value)
        {
            Counters.Malformed++;
            return;
        }

        if (_isOurs(eid))
        {
            Deliver(type, packet);
            return;
        }

        try
        {
            if (!ChannelOf(type).TrySend(eid, type, packet[2..])) Counters.Dropped++;
        }
        catch (MctpException)
        {
            Counters.Dropped++;
        }
    }

    /// <summary>Passes a message on to every client of its type.</summary>
    public void Deliver(MessageType type, ReadOnlySpan<byte> packet)
    {
        // A client that is dropped on the way leaves the set.
        foreach (MuxClient client in _clients.Where(client => client.Type?.Value == type.Value).ToArray()) client.Deliver(packet);
    }

    /// <summary>Counts what waits for a client. When that is too much for all together, whoever has most waiting is dropped.</summary>
    public void Hold(int bytes)
    {
        WaitingBytes += bytes;
        while (WaitingBytes > MostWaitingBytes && _clients.MaxBy(static client => client.WaitingBytes) is { WaitingBytes: not 0 } slowest)
        {
            Counters.Stalled++;
            slowest.Dispose();
        }
    }

    public void Ended(MuxClient client)
    {
        if (!_clients.Remove(client)) return;
        WaitingBytes -= client.WaitingBytes;
        Counters.Connected--;
        if (client.Type is not { } type || _clients.Any(other => other.Type == type)) return;

        // With its last client a type is free for others again.
        _channels[type.Value]?.Dispose();
        _channels[type.Value] = null;
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _door.Dispose();
        foreach (MuxClient client in _clients.ToArray()) client.Dispose();
        foreach (MuxChannel? channel in _channels) channel?.Dispose();
    }

    private MuxChannel ChannelOf(MessageType type) => _channels[type.Value] ??= new MuxChannel(_sockets.OpenSocket(), type.WithIntegrityCheck(false), this, _loop.Time);

    private void Admit(UnixPackets packets)
    {
        // Half of the places stay for the other socket, which not everybody may use.
        if (Counters.Connected >= Counters.Most || _clients.Count >= Math.Max(1, Counters.Most / 2))
        {
            Counters.Refused++;
            packets.Dispose();
            return;
        }

        Counters.Connected++;
        Counters.Accepted++;
        _clients.Add(new MuxClient(packets, this, _loop));
    }
}
