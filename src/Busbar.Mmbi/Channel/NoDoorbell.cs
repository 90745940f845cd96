// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>For windows without notifications: both sides poll.</summary>
public sealed class NoDoorbell : IMmbiDoorbell
{
    private NoDoorbell()
    {
    }

    /// <summary>The one there needs to be.</summary>
    public static NoDoorbell Instance { get; } = new();

    /// <inheritdoc/>
    public bool CanRing => false;

    /// <inheritdoc/>
    public bool CanWake => false;

    /// <inheritdoc/>
    public bool PeerWantsRing => false;

    /// <inheritdoc/>
    public void Ring()
    {
    }

    /// <inheritdoc/>
    public void SetWanted(bool wanted)
    {
    }
}
