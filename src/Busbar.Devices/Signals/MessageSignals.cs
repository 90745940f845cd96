// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Devices;

/// <summary>Doorbells without a mailbox: a message towards the host, and from it a byte written where the descriptor says, or nothing at all.</summary>
/// <param name="interrupt">Sends the instance's interrupt message.</param>
/// <param name="canWake">False when the host rings nothing and the owner has to poll.</param>
internal sealed class MessageSignals(Action interrupt, bool canWake) : InstanceSignals
{
    public override bool CanWake => canWake;

    public override void Ring() => interrupt();

    public override void SetWanted(bool wanted)
    {
        // Such a host cannot be told.
    }
}
