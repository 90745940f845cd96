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

    // The pair's own vector. Without a mailbox only the descriptor in the window says which one it is, and a processor that boots again may choose another;
    // such a link listens to all of them.
    private readonly PciVector[] _vectors = [];

    // For vectors of several links only: our duplicates of their descriptors, and what the others wake us with.
    private readonly FileDescriptor[] _shared = [];
    private readonly EventFd? _passedOn;

    public MailboxDoorbell(PciWindowDevice device, MmbiLink link, int pair, WaitStrategy wait)
    {
        (_device, _link, _pair) = (device, link, pair);
        _mailbox = device.Mailbox is { } mailbox && pair < mailbox.Pairs ? mailbox : null;
        if (wait is WaitStrategy.Spin or WaitStrategy.Poll) return;
        if (device.Mailbox is null) _vectors = [.. device.Vectors];
        else if (device.VectorIndex(pair) is var index and >= 0) _vectors = [device.Vectors[index]];
        if (_vectors.Length == 0 || !device.SharesVectors) return;
        _shared = [.. _vectors.Select(static vector => vector.Descriptor.Duplicate())];
        _passedOn = EventFd.Create();
        foreach (PciVector vector in _vectors) vector.Join(_passedOn);
    }

    public bool CanRing => _mailbox is not null && _link.Channel?.Recognition?.Descriptor?.Interrupts.OwnerType == MmbiOwnerInterrupt.InBand;

    // An owner without a mailbox interrupts only if its descriptor says so; with one, the STATUS latch makes sure that nothing is missed.
    public bool CanWake => _vectors.Length != 0
        && (_mailbox is not null || _link.Channel?.Recognition?.Descriptor?.Interrupts.HostType == MmbiHostInterrupt.Pcie);

    public bool PeerWantsRing => true;

    /// <summary>Switches this pair's interrupts.</summary>
    public void SetEnabled(bool isEnabled) => _mailbox?.SetEnabled(_pair, isEnabled && _vectors.Length != 0);

    /// <summary>True unless the device forgot what <see cref="SetEnabled"/> wrote.</summary>
    public bool IsAsEnabled => _mailbox is null || _vectors.Length == 0 || _mailbox.IsEnabled(_pair);

    // The channel has published and fenced; this is the write that follows.
    public void Ring() => _mailbox?.Ring(_pair);

    // ENABLE stays as it is: see MailboxPort on why that saves register accesses.
    public void SetWanted(bool wanted)
    {
    }

    public void CollectDescriptors(List<FileDescriptor> descriptors)
    {
        if (_shared.Length != 0) descriptors.AddRange(_shared);
        else foreach (PciVector vector in _vectors) descriptors.Add(vector.Descriptor);
        if (_passedOn is not null) descriptors.Add(_passedOn.Descriptor);
    }

    /// <summary>Drains the counter, then acknowledges in the device, then fences: what comes after the acknowledgement interrupts again.</summary>
    /// <returns>True when there was something.</returns>
    public bool Acknowledge(FileDescriptor descriptor)
    {
        bool came = _passedOn is not null && ReferenceEquals(descriptor, _passedOn.Descriptor)
            ? _passedOn.TryDrain(out _)
            : Drain(descriptor);
        uint events = _mailbox?.Acknowledge(_pair) ?? 0;
        return came || events != 0;
    }

    public void Dispose()
    {
        if (_device.Mailbox is not null) SetEnabled(false);
        if (_passedOn is not null)
        {
            foreach (PciVector vector in _vectors) vector.Leave(_passedOn);
        }

        _passedOn?.Dispose();
        foreach (FileDescriptor shared in _shared) shared.Dispose();
    }

    private bool Drain(FileDescriptor descriptor)
    {
        for (int i = 0; i < _vectors.Length; i++)
        {
            if (ReferenceEquals(descriptor, _shared.Length != 0 ? _shared[i] : _vectors[i].Descriptor)) return _vectors[i].Drain(_passedOn);
        }

        return false;
    }
}
