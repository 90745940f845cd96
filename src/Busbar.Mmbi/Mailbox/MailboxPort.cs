// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Mmbi;

/// <summary>The mailbox block from the driver's side: rings the other side, acknowledges what it rang, and notices when the device is gone.</summary>
/// <remarks>
/// <para>
/// Order. Publishing: the pointer is stored with release order, a full fence follows, then SET is written. Acknowledging: MASKED is read and written
/// back to STATUS; the next read of MASKED returns only after that write has reached the device, because a read must not pass a posted write
/// (PCI Express base specification, ordering rules); a full fence follows, and only then does the caller look at the rings. So an event that
/// the write cleared belongs to stores that the look sees.
/// </para>
/// <para>
/// ENABLE stays on while a thread polls: STATUS is not cleared then, the level stays up, and an edge-triggered message comes at most once. That costs one
/// superfluous wake-up for a busy time and saves a register access at each end of it.
/// </para>
/// <para>Ringing costs one posted write, acknowledging two reads and a write. Any thread may call; enabling takes a lock, because pairs share GENABLE.</para>
/// </remarks>
public sealed class MailboxPort
{
    // A register that reads all ones is one of a device that does not answer.
    private const uint Gone = uint.MaxValue;

    // More rounds would mean that the device raises events faster than we clear them; its next message wakes us again.
    private const int MostRounds = 8;

    private readonly Lock _gate = new();
    private readonly SharedRegion _registers;
    private readonly int _base;

    private MailboxPort(SharedRegion registers, int offset, int pairs, bool isPollingOnly) =>
        (_registers, _base, Pairs, IsPollingOnly) = (registers, offset, pairs, isPollingOnly);

    /// <summary>Number of pairs, 1 to 32.</summary>
    public int Pairs { get; }

    /// <summary>True when the block says that it never interrupts, whatever else the function could.</summary>
    public bool IsPollingOnly { get; }

    /// <summary>True while the block answers with its ID: one register read.</summary>
    public bool IsPresent => _registers.Read32(_base + MailboxFormat.Id) == MailboxFormat.IdValue;

    /// <summary>Acknowledgements that were given up because events kept coming.</summary>
    public long Storms { get; private set; }

    /// <summary>Looks for a block and checks that this driver can use it.</summary>
    /// <param name="registers">The window; must outlive the port, which does not dispose it.</param>
    /// <param name="offset">Where it may be, a multiple of 4.</param>
    /// <param name="port">The block.</param>
    /// <param name="reason">Why not; empty when there is simply no block.</param>
    public static bool TryFind(SharedRegion registers, int offset, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out MailboxPort? port, out string reason)
    {
        ArgumentNullException.ThrowIfNull(registers);
        (port, reason) = (null, string.Empty);
        if (offset < 0 || offset > registers.Length - MailboxFormat.Banks || registers.Read32(offset + MailboxFormat.Id) != MailboxFormat.IdValue) return false;
        uint revision = registers.Read32(offset + MailboxFormat.Revision);
        uint capabilities = registers.Read32(offset + MailboxFormat.Capabilities);
        int pairs = (int)(capabilities & 0xFF);
        if (revision >> 8 != MailboxFormat.RevisionValue >> 8) reason = $"the mailbox has revision 0x{revision:x}, this driver knows 0x{MailboxFormat.RevisionValue:x}";
        else if (pairs is < 1 or > MailboxFormat.MaximumPairs) reason = $"the mailbox claims {pairs} pairs, which is not 1 to {MailboxFormat.MaximumPairs}";
        else if (capabilities >> 24 != MailboxFormat.StrideShift) reason = $"the mailbox's banks are 2^{capabilities >> 24} bytes apart, not 2^{MailboxFormat.StrideShift}";
        else if (offset + MailboxFormat.At(pairs, 0) > registers.Length) reason = $"the mailbox claims {pairs} pairs, which its window does not hold";
        else if (registers.Read32(offset + MailboxFormat.Side) != (uint)MailboxSide.Discoverer) reason = "the mailbox shows the owner's view, not the host's";
        if (reason.Length != 0) return false;
        port = new MailboxPort(registers, offset, pairs, (capabilities & MailboxFormat.PollingOnly) != 0);
        return true;
    }

    /// <summary>The interrupt message of a pair, as the device says; check it against what there is.</summary>
    /// <param name="pair">From 0.</param>
    public int VectorOf(int pair) => (int)(Read(pair, MailboxFormat.Vector) & 0xFF);

    /// <summary>Lets a pair interrupt us, or stops it. What is pending then interrupts at once.</summary>
    /// <param name="pair">From 0.</param>
    /// <param name="isEnabled">The new state.</param>
    public void SetEnabled(int pair, bool isEnabled)
    {
        uint bit = 1u << pair;
        lock (_gate)
        {
            Write(pair, MailboxFormat.Enable, isEnabled ? MailboxFormat.LinkEvents : 0);
            uint gates = _registers.Read32(_base + MailboxFormat.GlobalEnable);
            if (gates == Gone && !IsPresent) return;
            _registers.Write32(_base + MailboxFormat.GlobalEnable, isEnabled ? gates | bit : gates & ~bit);
        }
    }

    /// <summary>True while the device still has what <see cref="SetEnabled"/> wrote; a reset of the function forgets it.</summary>
    /// <param name="pair">From 0.</param>
    public bool IsEnabled(int pair) =>
        (Read(pair, MailboxFormat.Enable) & MailboxFormat.LinkEvents) == MailboxFormat.LinkEvents
        && (_registers.Read32(_base + MailboxFormat.GlobalEnable) & (1u << pair)) != 0;

    /// <summary>Rings the other side. The caller has fenced after its stores.</summary>
    /// <param name="pair">From 0.</param>
    public void Ring(int pair) => Write(pair, MailboxFormat.Set, MailboxFormat.LinkEvents);

    /// <summary>Acknowledges what is pending; afterwards the rings may be looked at. Bounded, whatever the device answers.</summary>
    /// <param name="pair">From 0.</param>
    /// <returns>The events; 0 when there were none or the device is gone.</returns>
    public uint Acknowledge(int pair)
    {
        uint events = 0;
        for (int round = 0; ; round++)
        {
            uint pending = Read(pair, MailboxFormat.Masked);
            if (pending == 0 || pending == Gone) break;
            if (round == MostRounds)
            {
                Storms++;
                break;
            }

            Write(pair, MailboxFormat.Status, pending);
            events |= pending;
        }

        Interlocked.MemoryBarrier();
        return events;
    }

    private uint Read(int pair, int register) => _registers.Read32(_base + MailboxFormat.At(pair, register));

    private void Write(int pair, int register, uint value) => _registers.Write32(_base + MailboxFormat.At(pair, register), value);
}
