// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>
/// The register map of the multi-pair mailbox: a doorbell block with status, enable, clear and set for each pair, seen by each side through banks of its own.
/// 32-bit registers, little endian. docs/device.md describes it for driver authors.
/// </summary>
public static class MailboxFormat
{
    /// <summary>What <see cref="Id"/> reads: "BMX1".</summary>
    public const uint IdValue = 0x31584D42;

    /// <summary>What <see cref="Revision"/> reads: 15:8 major, 7:0 minor.</summary>
    public const uint RevisionValue = 0x0100;

    /// <summary>RO: identifies the block.</summary>
    public const int Id = 0x000;

    /// <summary>RO: revision of the map.</summary>
    public const int Revision = 0x004;

    /// <summary>RO: 7:0 number of pairs, 15:8 event bits of a pair, 16 polling only, 17 message-signalled interrupts present, 31:24 log2 of the stride.</summary>
    public const int Capabilities = 0x008;

    /// <summary>RO: bit p is set while pair p has an enabled event for this side.</summary>
    public const int Summary = 0x00C;

    /// <summary>RW: bit p lets pair p interrupt this side.</summary>
    public const int GlobalEnable = 0x010;

    /// <summary>RO: 0 in the owner's view, 1 in the discoverer's.</summary>
    public const int Side = 0x014;

    /// <summary>First bank.</summary>
    public const int Banks = 0x100;

    /// <summary>log2 of the bytes from one bank to the next.</summary>
    public const int StrideShift = 6;

    /// <summary>Bytes from one bank to the next.</summary>
    public const int Stride = 1 << StrideShift;

    /// <summary>Most pairs of a block.</summary>
    public const int MaximumPairs = 32;

    /// <summary>Bytes that the largest block occupies in a window.</summary>
    public const int Length = 4096;

    /// <summary>In a bank, R/W1C: events for this side.</summary>
    public const int Status = 0x00;

    /// <summary>In a bank, RW: which events interrupt.</summary>
    public const int Enable = 0x04;

    /// <summary>In a bank, WO: clears the bits written as ones in <see cref="Status"/>.</summary>
    public const int Clear = 0x08;

    /// <summary>In a bank, WO: raises the bits written as ones in the other side's <see cref="Status"/>. Byte 0 takes byte writes.</summary>
    public const int Set = 0x0C;

    /// <summary>In a bank, RO: what the other side has not cleared yet.</summary>
    public const int Peer = 0x10;

    /// <summary>In a bank, RO: <see cref="Status"/> and <see cref="Enable"/>.</summary>
    public const int Masked = 0x14;

    /// <summary>In a bank, WO: sets bits of <see cref="Enable"/>.</summary>
    public const int EnableSet = 0x18;

    /// <summary>In a bank, WO: clears bits of <see cref="Enable"/>.</summary>
    public const int EnableClear = 0x1C;

    /// <summary>In a bank, owner RW, discoverer RO: bits 7:0, the interrupt message of this pair.</summary>
    public const int Vector = 0x20;

    /// <summary>In a bank, RO: changes of an event from 0 to 1 since reset; wraps.</summary>
    public const int Count = 0x24;

    /// <summary>Event: the sender's write pointer moved.</summary>
    public const uint DataEvent = 1u << 0;

    /// <summary>Event: the sender's read pointer moved.</summary>
    public const uint SpaceEvent = 1u << 1;

    /// <summary>Event: UP, RST or RDY of the sender changed.</summary>
    public const uint StateEvent = 1u << 2;

    /// <summary>Event: the sender met an error.</summary>
    public const uint ErrorEvent = 1u << 3;

    /// <summary>The events that a link uses.</summary>
    public const uint LinkEvents = DataEvent | SpaceEvent | StateEvent;

    /// <summary>Bits of a pair that exist: 3:0 events, 15:8 for vendors.</summary>
    public const uint EventMask = 0x0000_FF0F;

    /// <summary>Event bits of a pair, as <see cref="Capabilities"/> says it.</summary>
    public const int EventBits = 16;

    /// <summary>Capability: no interrupts, look at STATUS instead.</summary>
    public const uint PollingOnly = 1u << 16;

    /// <summary>Capability: message-signalled interrupts.</summary>
    public const uint HasMessages = 1u << 17;

    /// <summary>Where a register of a pair's bank lies.</summary>
    /// <param name="pair">From 0.</param>
    /// <param name="register">Offset in the bank.</param>
    public static int At(int pair, int register) => Banks + (pair << StrideShift) + register;
}
