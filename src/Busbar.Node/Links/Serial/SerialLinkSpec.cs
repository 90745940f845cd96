// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>
/// A link over a serial line (DSP0253): <c>serial:/dev/ttyX</c>, <c>serial:pty[:NAME]</c>, <c>serial:unix:PATH[,listen]</c> or <c>serial:tcp:HOST:PORT[,listen]</c>.
/// </summary>
public sealed record SerialLinkSpec : LinkSpec
{
    /// <inheritdoc/>
    public override string Binding => "serial";

    /// <summary>What carries the bytes.</summary>
    public required SerialLineKind Line { get; init; }

    /// <summary>The device, the socket, the host, or the name that a pseudo terminal gets; empty for one without a name.</summary>
    public required string Path { get; init; }

    /// <summary>The TCP port, 1 to 65535; 0 for other lines.</summary>
    public int Port { get; init; }

    /// <summary>True to wait for connections instead of making one.</summary>
    public bool Listens { get; init; }

    /// <summary>Bits per second; null to leave a port's speed as it is.</summary>
    public int? Baud { get; init; }
}
