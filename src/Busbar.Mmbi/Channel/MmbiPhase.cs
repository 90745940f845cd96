// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>What a channel is doing about the state that it shares with its peer.</summary>
public enum MmbiPhase
{
    /// <summary>Not started, or taken down in order.</summary>
    Closed,

    /// <summary>Discoverer: looks for an acceptable descriptor.</summary>
    Searching,

    /// <summary>Owner: zeroes both structures and publishes the descriptor (state 0x0).</summary>
    Initialising,

    /// <summary>Owner: waits for H_UP. Discoverer: waits for B_UP, or for the owner to get over whatever it is in.</summary>
    WaitingForPeer,

    /// <summary>Packets flow (0xA).</summary>
    Running,

    /// <summary>The peer asked for a reset; what it had sent before is still handed out.</summary>
    Draining,

    /// <summary>Discoverer: a reset was decided; waits until the owner has taken what was sent, then sets H_RST.</summary>
    Settling,

    /// <summary>Our RST is set; waits for the peer's.</summary>
    ResetRequested,

    /// <summary>Discoverer: both RST were set; waits for the owner to start over.</summary>
    ResetAcknowledged,

    /// <summary>Discoverer: refused the descriptor (0x9) and waits for another.</summary>
    Refusing,
}
