// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>
/// Judges by the heartbeat in the page whether the holder of a role lives, for those who cannot ask a server who is connected: drivers in guests.
/// </summary>
/// <remarks>A holder is believed to live when first seen; who then neither beats nor claims anew for <see cref="DeadAfterMs"/> is dead.
/// One thread at a time.</remarks>
public sealed class RendezvousLiveness
{
    /// <summary>Milliseconds without a beat after which a holder is dead; six beats.</summary>
    public const int DeadAfterMs = 3000;

    private readonly RendezvousPage _page;
    private readonly RendezvousRole _role;
    private readonly int _instance;
    private ulong _seen;
    private long _since = long.MinValue;

    /// <summary>Watches one slot.</summary>
    /// <param name="page">The page.</param>
    /// <param name="role">The role.</param>
    /// <param name="instance">0 to 7.</param>
    public RendezvousLiveness(RendezvousPage page, RendezvousRole role, int instance) => (_page, _role, _instance) = (page, role, instance);

    /// <summary>Looks: a holder that is connected as far as anybody knows, and either does not beat at all or has done so lately.</summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public bool IsAlive(long now) => !HasStopped(now) || _page.Beat(_role, _instance) == 0;

    /// <summary>
    /// For whoever wants the role itself: true when nothing has moved for <see cref="DeadAfterMs"/>, whether the holder used to beat or not.
    /// </summary>
    /// <param name="now">Monotonic milliseconds.</param>
    public bool HasStopped(long now)
    {
        ulong seen = _page.Pulse(_role, _instance);
        if (_since == long.MinValue || seen != _seen) (_seen, _since) = (seen, now);
        return now - _since >= DeadAfterMs;
    }
}
