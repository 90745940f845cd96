// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;

namespace Busbar.Devices;

/// <summary>Doorbells through one pair of a mailbox block, from the owner's side.</summary>
internal sealed class MailboxSignals(MailboxBlock block, int pair) : InstanceSignals
{
    private volatile bool _isWanted;

    public override bool CanWake => true;

    // The ring cannot tell what moved, so it says all; the host looks at state and rings in any case.
    public override void Ring() => block.Set(MailboxSide.Owner, pair, MailboxFormat.LinkEvents);

    public override void SetWanted(bool wanted)
    {
        _isWanted = wanted;

        // Old events would wake us at once, for nothing: the caller looks at the rings after this.
        if (wanted) TakeEvents();
        block.SetEnable(MailboxSide.Owner, pair, wanted ? MailboxFormat.EventMask : 0);
    }

    public override void Rearm()
    {
        if (_isWanted) block.SetEnable(MailboxSide.Owner, pair, MailboxFormat.EventMask);
        Wake();
    }

    // Events from before the reset would be taken for ones of the new session; enables stay (docs/device.md, resets).
    public override void OnLinkReset() => block.ResetLink(pair);

    private protected override void TakeEvents() => block.Take(MailboxSide.Owner, pair);
}
