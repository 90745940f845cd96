// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>What a <see cref="VfioUserServer"/> has counted since it was made. Any thread may read it; each number is right, the set is not one moment's.</summary>
public sealed class VfioUserStatistics
{
    private readonly long[] _refused = new long[Enum.GetValues<VfioUserRefusal>().Length];
    private readonly long[] _commands = new long[(int)VfioUserCommand.MigrationDataWrite + 1];
    private long _connected;
    private long _disconnected;
    private long _silent;
    private long _refusedBusy;
    private long _refusedResources;
    private long _strayReplies;
    private long _interruptsSent;
    private long _interruptsPended;
    private long _interruptsLost;
    private long _mapsByMessageOnly;
    private long _unsafeMemory;
    private long _emptyUnmaps;
    private long _dmaRefused;
    private long _messageDma;
    private long _messageDmaFailed;

    /// <summary>Clients that connected and were served.</summary>
    public long Connected => Interlocked.Read(ref _connected);

    /// <summary>Clients that went, for whatever reason.</summary>
    public long Disconnected => Interlocked.Read(ref _disconnected);

    /// <summary>Clients that were sent away because they did not agree on a version in time.</summary>
    public long Silent => Interlocked.Read(ref _silent);

    /// <summary>Connections closed at once because another client was there.</summary>
    public long RefusedBusy => Interlocked.Read(ref _refusedBusy);

    /// <summary>Connections closed at once, or not taken, because no descriptor was free, or too many of earlier clients cannot be closed.</summary>
    public long RefusedResources => Interlocked.Read(ref _refusedResources);

    /// <summary>Replies to nothing that was asked, or that came after the time limit; dropped.</summary>
    public long StrayReplies => Interlocked.Read(ref _strayReplies);

    /// <summary>Interrupts passed on.</summary>
    public long InterruptsSent => Interlocked.Read(ref _interruptsSent);

    /// <summary>Interrupts that wait because the client masked their vector.</summary>
    public long InterruptsPended => Interlocked.Read(ref _interruptsPended);

    /// <summary>Interrupts that nobody listened for.</summary>
    public long InterruptsLost => Interlocked.Read(ref _interruptsLost);

    /// <summary>DMA ranges that came without a descriptor: firmware, windows of other devices, or memory that the client does not share.</summary>
    public long MapsWithoutMemory => Interlocked.Read(ref _mapsByMessageOnly);

    /// <summary>
    /// DMA ranges whose descriptor could shrink under our hands (no F_SEAL_SHRINK) and was therefore not mapped; they can be reached by message
    /// only. QEMU's memory-backend-memfd seals unless it is told <c>seal=off</c>; its memory-backend-file cannot.
    /// </summary>
    public long MapsOfUnsafeMemory => Interlocked.Read(ref _unsafeMemory);

    /// <summary>Ranges taken back in which nothing was mapped; QEMU does that under a virtual IOMMU.</summary>
    public long UnmapsOfNothing => Interlocked.Read(ref _emptyUnmaps);

    /// <summary>Accesses to the client's memory by the function that found none, or none to be had without waiting.</summary>
    public long DmaRefused => Interlocked.Read(ref _dmaRefused);

    /// <summary>Accesses by message that succeeded.</summary>
    public long MessageDma => Interlocked.Read(ref _messageDma);

    /// <summary>Accesses by message that the client refused, that took too long, or that a disconnect ended.</summary>
    public long MessageDmaFailed => Interlocked.Read(ref _messageDmaFailed);

    /// <summary>Messages refused in all.</summary>
    public long AllRefused => Enum.GetValues<VfioUserRefusal>().Sum(Refused);

    /// <summary>Messages refused for a reason.</summary>
    /// <param name="reason">The reason.</param>
    public long Refused(VfioUserRefusal reason) => Interlocked.Read(ref _refused[(int)reason]);

    /// <summary>Messages received with a command, refused ones included.</summary>
    /// <param name="command">The command.</param>
    public long Received(VfioUserCommand command) => (int)command < _commands.Length ? Interlocked.Read(ref _commands[(int)command]) : 0;

    internal void CountConnected() => Interlocked.Increment(ref _connected);

    internal void CountDisconnected() => Interlocked.Increment(ref _disconnected);

    internal void CountSilent() => Interlocked.Increment(ref _silent);

    internal void CountRefusedBusy() => Interlocked.Increment(ref _refusedBusy);

    internal void CountRefusedResources() => Interlocked.Increment(ref _refusedResources);

    internal void CountStrayReply() => Interlocked.Increment(ref _strayReplies);

    internal void CountInterruptSent() => Interlocked.Increment(ref _interruptsSent);

    internal void CountInterruptPended() => Interlocked.Increment(ref _interruptsPended);

    internal void CountInterruptLost() => Interlocked.Increment(ref _interruptsLost);

    internal void CountMapWithoutMemory() => Interlocked.Increment(ref _mapsByMessageOnly);

    internal void CountUnsafeMemory() => Interlocked.Increment(ref _unsafeMemory);

    internal void CountEmptyUnmap() => Interlocked.Increment(ref _emptyUnmaps);

    internal void CountDmaRefused() => Interlocked.Increment(ref _dmaRefused);

    internal void CountMessageDma(bool succeeded) => Interlocked.Increment(ref succeeded ? ref _messageDma : ref _messageDmaFailed);

    internal void CountRefused(VfioUserRefusal reason) => Interlocked.Increment(ref _refused[(int)reason]);

    internal void CountReceived(VfioUserCommand command)
    {
        if ((int)command < _commands.Length) Interlocked.Increment(ref _commands[(int)command]);
    }
}
