// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;

namespace Busbar.Node;

/// <summary>The doorbell of a window that has none: nobody can ring, everybody polls.</summary>
internal sealed class PolledDoorbell : IMmbiDoorbell
{
    public bool CanRing => false;

    public bool CanWake => false;

    public bool PeerWantsRing => false;

    public void Ring()
    {
    }

    public void SetWanted(bool wanted)
    {
    }
}
