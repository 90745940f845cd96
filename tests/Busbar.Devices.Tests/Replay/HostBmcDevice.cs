// SPDX-License-Identifier: Apache-2.0
using Busbar.Pci;

namespace Busbar.Devices.Tests;

/// <summary>
/// The newest aspeed-host-bmc-dev, access by access: it wants shared memory in BAR 0 and registers in BAR 1 before it looks for MMBI in BAR 2 to 5, and it
/// counts on messages 0, 11, 6 and 5 as soon as it was granted more than one. All its register accesses are 32 bits wide.
/// </summary>
internal sealed class HostBmcDevice(ReplayDevice replay)
{
    private const int FirstWindowBar = 2;
    private const int BarCount = 6;
    private const int Index = 0x2E * 4;
    private const int Data = Index + 4;
    private const int MailboxStatus = 0x494;
    private const uint MailboxDone = 0x80;
    private const int ToHostStatus = 0x30040;
    private const int ToBmcStatus = 0x30044;
    private const int ToHostQueue = 0x30020;
    private const int ToBmcQueue = 0x30000;
    private const int QueueStride = 0x10;
    private const uint RingAndEnable = 0xC000_0000;
    private const uint FirstFull = 1u << 27;
    private const uint FirstEmpty = 1u << 26;
    private const int QueueShift = 2;
    private const uint DivisorAccess = 0x80;

    private readonly HostWindow _registers = replay.Window(1);

    /// <summary>MMBI by the BAR that it was found in.</summary>
    public SortedDictionary<int, Host2026> Windows { get; } = [];

    /// <summary>What it waits for on behalf of the queues and the mailbox, the mailbox alone, and the two UARTs.</summary>
    public IReadOnlyList<PciInterrupt> Interrupts { get; } = [.. ((int[])[0, 11, 6, 5]).Select(message => replay.Interrupts[replay.Interrupts.Count == 1 ? 0 : message])];

    /// <summary>The whole probe. MMBI is the last step, and the only one that may come to nothing.</summary>
    public bool Probe()
    {
        // Its file maps this much of BAR 0; the highest register is the status of the queues.
        if (replay.Slot.GetBar(0).Length < 1 << 20 || replay.Slot.GetBar(1).Length < ToBmcStatus + sizeof(uint)) return false;
        SetUpMailbox();
        for (int bar = FirstWindowBar; bar < BarCount; bar++)
        {
            if (replay.Slot.GetBar(bar).Length == 0) continue;
            var mmbi = new Host2026(replay.Window(bar), instance: 0, rings: false);
            if (mmbi.Open()) Windows.Add(bar, mmbi);
        }

        return Windows.Count != 0;
    }

    /// <summary>Message 0: whatever is pending is cleared, then each queue's state decides who is woken.</summary>
    /// <returns>Bits: a writer of queue 1 or 2 may go on (1, 2), a reader of queue 1 or 2 (4, 8).</returns>
    public int HandleInterrupt()
    {
        uint status = _registers.Read32(ToHostStatus);
        foreach (uint pending in (uint[])[1u << 31, 1u << 30])
        {
            if ((status & pending) != 0) _registers.Write32(ToHostStatus, pending);
        }

        int woken = 0;
        for (int queue = 0; queue < 2; queue++)
        {
            if (CanWrite(queue)) woken |= 1 << queue;
            if ((_registers.Read32(ToHostStatus) & (FirstEmpty >> (QueueShift * queue))) == 0) woken |= 4 << queue;
        }

        if ((_registers.Read32(MailboxStatus) & MailboxDone) != 0) _registers.Write32(MailboxStatus, MailboxDone);
        return woken;
    }

    /// <summary>A word into a queue, as a write to its file.</summary>
    public bool TryWriteQueue(int queue, uint word)
    {
        if (!CanWrite(queue)) return false;
        _registers.Write32(ToBmcQueue + (QueueStride * queue), word);
        _registers.Write32(ToBmcStatus, RingAndEnable);
        return true;
    }

    /// <summary>What a queue holds, past its state.</summary>
    public uint PeekQueue(int queue) => _registers.Read32(ToHostQueue + (QueueStride * queue));

    /// <summary>A register of a UART, as the 8250 driver reaches it: 32 bits, four bytes apart.</summary>
    public uint ReadUart(int uart, int register) => _registers.Read32(UartAt(uart) + (4 * register));

    public void WriteUart(int uart, int register, uint value) => _registers.Write32(UartAt(uart) + (4 * register), value);

    /// <summary>Speed and format, as when a terminal is opened.</summary>
    public void OpenUart(int uart)
    {
        WriteUart(uart, 2, 0x07);
        WriteUart(uart, 3, DivisorAccess | 3);
        WriteUart(uart, 0, 0x0D);
        WriteUart(uart, 1, 0);
        WriteUart(uart, 3, 3);
        WriteUart(uart, 4, 0x0B);
    }

    private static int UartAt(int uart) => (0x3F8 - (0x100 * uart)) << 2;

    private bool CanWrite(int queue) => (_registers.Read32(ToBmcStatus) & (FirstFull >> (QueueShift * queue))) == 0;

    // Unlocks the Super I/O, chooses its logical device 0x0E, puts its registers at port 0x100, enables it. Nothing is read.
    private void SetUpMailbox()
    {
        foreach (uint unlock in (uint[])[0xAA, 0xA5, 0xA5]) _registers.Write32(Index, unlock);
        foreach ((uint register, uint value) in ((uint, uint)[])[(0x07, 0x0E), (0x30, 0), (0x60, 1), (0x61, 0), (0x30, 1)])
        {
            _registers.Write32(Index, register);
            _registers.Write32(Data, value);
        }
    }
}
