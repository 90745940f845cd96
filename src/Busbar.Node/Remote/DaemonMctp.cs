// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>
/// The sockets of a running <c>busbar daemon</c> as a source of sockets: addresses, routes and links are the daemon's. Each socket is a connection of its own; closing it, or the
/// end of the process, gives its binds and tags back.
/// </summary>
public sealed class DaemonMctp : IMctpSocketSource
{
    private DaemonMctp(string path) => SocketPath = path;

    /// <summary>The daemon's socket.</summary>
    public string SocketPath { get; }

    /// <summary>Makes sure that a daemon listens.</summary>
    /// <param name="path">Its socket; null for <see cref="DaemonSocketPath.ForClient"/>.</param>
    /// <exception cref="MctpException">
    /// <see cref="MctpError.Unreachable"/> when no daemon listens there, <see cref="MctpError.MissingFacility"/> when it is closed to this user,
    /// <see cref="MctpError.TimedOut"/> when it does not answer, <see cref="MctpError.PeerError"/> when it is another program or of another version.
    /// </exception>
    public static DaemonMctp Open(string? path = null)
    {
        var source = new DaemonMctp(path ?? DaemonSocketPath.ForClient());
        DaemonConnector.Connect(source.SocketPath, LaneKind.Datagram).Dispose();
        return source;
    }

    /// <inheritdoc/>
    public MctpSocket OpenSocket(MctpSocketKind kind = MctpSocketKind.Datagram)
    {
        UnixPackets connection = DaemonConnector.Connect(SocketPath, kind == MctpSocketKind.Raw ? LaneKind.Raw : LaneKind.Datagram);
        return new MctpSocket(new DaemonSocketBackend(connection, SocketPath), kind);
    }
}
