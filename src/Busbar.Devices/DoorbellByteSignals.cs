// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mmbi;
using Busbar.Node;
using Busbar.Pci;

namespace Busbar.Devices;

/// <summary>
/// The owner's end where hardware watches a byte of the window: a write of the right value to it interrupts the embedded processor, and the
/// host is interrupted by a message (MSI). A host that writes no doorbell is found by polling.
/// </summary>
internal sealed class DoorbellByteSignals(int vector, bool hostRings) : IWindowSignals, IMmbiDoorbell, IDisposable
{
    private readonly EventFd _line = EventFd.Create();
    private PciFunction? _function;
    private long _rung;

    public IMmbiDoorbell Doorbell => this;

    public bool CanRing => true;

    public bool CanWake => hostRings;

    public bool PeerWantsRing => true;

    /// <summary>Doorbell bytes that the host wrote.</summary>
    public long Rung => Volatile.Read(ref _rung);

    public void CollectDescriptors(List<FileDescriptor> descriptors) => descriptors.Add(_line.Descriptor);

    public bool Acknowledge(FileDescriptor descriptor) => _line.TryDrain(out _);

    public void Ring() => _function?.RaiseInterrupt(vector);

    public void SetWanted(bool wanted)
    {
        // This hardware has no enable bit: each doorbell interrupts.
    }

    /// <summary>Names the function, which is built after its windows.</summary>
    public void Connect(PciFunction function) => _function = function;

    /// <summary>The host wrote the doorbell byte.</summary>
    public void Interrupt()
    {
        Interlocked.Increment(ref _rung);
        _line.Ring();
    }

    public void Dispose() => _line.Dispose();
}
