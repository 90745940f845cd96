// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Devices;

/// <summary>The hardware of a device: the PCI function with its windows and doorbells, without the endpoints behind it.</summary>
internal abstract class Board : IDisposable
{
    /// <summary>What is shown to the host.</summary>
    public abstract PciFunction Function { get; }

    /// <summary>Maps the window of an instance for the embedded processor; the caller owns the mapping.</summary>
    public abstract SharedRegion OpenWindow(int instance);

    /// <summary>How the owner of an instance behaves.</summary>
    public abstract WindowOptions OwnerOptions(int instance);

    /// <summary>The owner's doorbells of an instance.</summary>
    public abstract IWindowSignals SignalsOf(int instance);

    /// <summary>The function was reset: brings the doorbells up again. Under the function's lock.</summary>
    public abstract void OnReset();

    /// <summary>A link went down and starts over.</summary>
    public abstract void OnLinkReset(int instance);

    public abstract void Dispose();
}
