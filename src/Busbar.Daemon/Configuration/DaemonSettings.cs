// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>The <c>[daemon]</c> table: what the daemon offers to other processes.</summary>
public sealed record DaemonSettings
{
    /// <summary>The name of the demultiplexer's socket when the file says nothing, without the zero byte in front.</summary>
    public const string UsualMux = "mctp-mux";

    /// <summary>Path of the clients' socket; null for the usual place, empty for none.</summary>
    public string? Socket { get; init; }

    /// <summary>Who may connect to it (write permission decides).</summary>
    public UnixFileMode SocketMode { get; init; } = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.GroupWrite;

    /// <summary>The group that owns it; null for the daemon's own.</summary>
    public string? SocketGroup { get; init; }

    /// <summary>Name of the demultiplexer's abstract socket; empty for none.</summary>
    public string Mux { get; init; } = UsualMux;

    /// <summary>How many clients may be connected, on both sockets together.</summary>
    public int MostClients { get; init; } = 1024;

    /// <summary>Which bus to offer objects on.</summary>
    public DbusChoice Dbus { get; init; }

    /// <summary>The bus for <see cref="DbusChoice.Address"/>.</summary>
    public string? DbusAddress { get; init; }

    /// <summary>Whether NetworkId is an <c>i</c> on D-Bus, as old clients want it.</summary>
    public bool NetworkIdAsInt32 { get; init; }

    /// <summary>Whether every query is logged.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>Whether the daemon answers echo requests (type 0x7e).</summary>
    public bool OffersEcho { get; init; }

    /// <summary>Whether the daemon answers bench requests (type 0x7e).</summary>
    public bool OffersBench { get; init; }

    /// <summary>Message types that the control responder announces besides its own, for clients that serve them.</summary>
    public IReadOnlyList<MessageType> MessageTypes { get; init; } = [];
}
