// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Mmbi.Tests;

/// <summary>
/// What the models of shipping drivers share: raw words of a window, an interrupt line in each direction, and what was received. A model
/// follows the driver's documented behaviour, defects included, and knows nothing of our engine.
/// </summary>
internal abstract class DriverModel(SharedRegion window) : IMmbiDoorbell
{
    public List<byte[]> Received { get; } = [];

    /// <summary>An interrupt for the driver is pending.</summary>
    public bool IsRung { get; private set; }

    public virtual bool CanRing => true;

    public bool CanWake => true;

    public bool PeerWantsRing => true;

    protected SharedRegion Window { get; } = window;

    public void Ring() => IsRung = true;

    public void SetWanted(bool wanted)
    {
    }

    public abstract void Step(long now);

    public abstract bool Send(byte[] payload);

    protected bool TakeInterrupt()
    {
        bool isRung = IsRung;
        IsRung = false;
        return isRung;
    }

    protected bool Flag(int word, uint bit) => (Window.Read32(word) & bit) != 0;

    protected void SetFlag(int word, uint bit, bool value)
    {
        uint content = Window.Read32(word);
        Window.Write32(word, value ? content | bit : content & ~bit);
    }

    protected int State(int ros, int rws) => MmbiState.From(Window.Read32(ros), Window.Read32(rws)).Code;
}
