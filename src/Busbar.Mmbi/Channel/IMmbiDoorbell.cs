// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>
/// The notifications beside a window, for one instance: rings the peer, and tells the peer whether we want to be rung. Implemented where
/// the window comes from; called under the caller's serialisation.
/// </summary>
public interface IMmbiDoorbell
{
    /// <summary>True when there is a way to interrupt the peer.</summary>
    bool CanRing { get; }

    /// <summary>True when the peer has a way to interrupt us.</summary>
    bool CanWake { get; }

    /// <summary>
    /// False when the peer has said that it polls. Read after a full fence that follows the published pointer. Always true for peers
    /// without a way to say so.
    /// </summary>
    bool PeerWantsRing { get; }

    /// <summary>Interrupts the peer. May be a system call; called at most once per flush.</summary>
    void Ring();

    /// <summary>An owner starts the link over, its structures are zero: events from before mean nothing any more. Must be quick.</summary>
    void OnLinkReset()
    {
    }

    /// <summary>Tells the peer whether we want to be rung. A plain store; the caller fences.</summary>
    /// <param name="wanted">True before sleeping, false while polling.</param>
    void SetWanted(bool wanted);
}
