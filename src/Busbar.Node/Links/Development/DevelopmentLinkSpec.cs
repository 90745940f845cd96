// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>
/// A development link, which joins two nodes by a framing of our own: <c>dev:unix:PATH[,listen]</c> or <c>dev:udp:HOST:PORT,peer=HOST:PORT</c>.
/// </summary>
public sealed record DevelopmentLinkSpec : LinkSpec
{
    /// <inheritdoc/>
    public override string Binding => "dev";

    /// <summary>True for UDP, false for a UNIX socket that keeps packets apart.</summary>
    public required bool IsUdp { get; init; }

    /// <summary>The socket file, or the host whose address we receive at.</summary>
    public required string Path { get; init; }

    /// <summary>The UDP port that we receive at, 1 to 65535.</summary>
    public int Port { get; init; }

    /// <summary>The host of the other node; empty for a UNIX socket.</summary>
    public string PeerHost { get; init; } = string.Empty;

    /// <summary>The UDP port of the other node, 1 to 65535.</summary>
    public int PeerPort { get; init; }

    /// <summary>True to wait for the other node's connection instead of making one.</summary>
    public bool Listens { get; init; }
}
