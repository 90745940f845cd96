// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mmbi;

namespace Busbar.Node;

/// <summary>
/// Doorbells of one link on hardware: rings through the mailbox when the descriptor says that the owner is rung in the bus's own way, and is woken by the
/// vector of the pair.
/// </summary>
internal sealed class MailboxDoorbell : IMmbiDoorbell, IDisposable
{
    private readonly PciWindowDevice _device;
    private readonly MmbiLink _link;
    private readonly int _pair;
    private readonly MailboxPort? _mailbox;
    private readonly PciVector? _vector;

    // For a vector of several links only: our duplicate of its descriptor, and what the others wake us with.
    private readonly FileDescriptor? _shared;
    private readonly EventFd? _passedOn;

    public MailboxDoorbell(PciWindowDevice device, MmbiLink link, int pair, WaitStrategy wait)
    {
        (_device, _link, _pair) = (device, link, pair);
        _mailbox = device.Mailbox is { } mailbox && pair < mailbox.Pairs ? mailbox : null;
        if (wait is WaitStrategy.Spin or WaitStrategy.Poll) return;
        if (device.VectorIndex(pair) is var index and >= 0) _vector = device.Vectors[index];
        if (_vector is null || !device.SharesVectors) return;
        _shared = _vector.Descriptor.Duplicate();
        _passedOn = EventFd.Create();
        _vector.Join(_passedOn);
    }

    public bool CanRing => _mailbox is not null && _link.Channel?.Recognition?.Descriptor?.Interrupts.OwnerType == MmbiOwnerInterrupt.InBand;

    // An owner without a mailbox interrupts only if its descriptor says so; with one, the STATUS latch makes sure that nothing is missed.
    public bool CanWake => _vector is not null
        && (_mailbox is not null || _link.Channel?.Recognition?.Descriptor?.Interrupts.HostType == MmbiHostInterrupt.Pcie);

    public bool PeerWantsRing => true;

    /// <summary>Switches this pair's interrupts.</summary>
    public void SetEnabled(bool isEnabled) => _mailbox?.SetEnabled(_pair, isEnabled && _vector is not null);

    /// <summary>True unless the device forgot what <see cref="SetEnabled"/> wrote.</summary>
    public bool IsAsEnabled => _mailbox is null || _vector is null || _mailbox.IsEnabled(_pair);

    // The channel has published and fenced; this is the write that follows.
    public void Ring() => _mailbox?.Ring(_pair);

    // ENABLE stays as it is: see MailboxPort on why that saves register accesses.
    public void SetWanted(bool wanted)
    {
    }

    public void CollectDescriptors(List<FileDescriptor> descriptors)
    {
        if (_shared is not null) descriptors.Add(_shared);
        else if (_vector is not null) descriptors.Add(_vector.Descriptor);
        if (_passedOn is not null) descriptors.Add(_passedOn.Descriptor);
    }

    /// <summary>Drains the counter, then acknowledges in the device, then fences: what comes after the acknowledgement interrupts again.</summary>
    /// <returns>True when there was something.</returns>
    public bool Acknowledge(FileDescriptor descriptor)
    {
        bool came = _passedOn is not null && ReferenceEquals(descriptor, _passedOn.Descriptor)
            ? _passedOn.TryDrain(out _)
            : _vector is not null && _vector.Drain(_passedOn);
        uint events = _mailbox?.Acknowledge(_pair) ?? 0;
        return came || events != 0;
    }

    public void Dispose()
    {
        if (_device.Mailbox is not null) SetEnabled(false);
        if (_passedOn is not null) _vector?.Leave(_passedOn);
        _passedOn?.Dispose();
        _shared?.Dispose();
    }
}
