// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>One message that is being put together.</summary>
internal sealed class Assembly
{
    /// <summary>Header bits that the next packet must carry: version, EIDs, TO, tag, the next sequence number, and SOM clear.</summary>
    public const uint ExpectedMask = 0xBF_FF_FF_0F;

    /// <summary>Header bits that say whose packet it is: version, EIDs, TO, tag.</summary>
    public const uint KeyMask = 0x0F_FF_FF_0F;

    // Outside of the mask, so that no packet ever equals it.
    private const uint Idle = 0x40_00_00_00;

    private const uint SequenceMask = 0x30_00_00_00;
    private const uint SequenceOne = 0x10_00_00_00;

    /// <summary>Compared with the header of an arriving packet under <see cref="ExpectedMask"/>; while idle, no packet equals it.</summary>
    public uint Expected = Idle;

    /// <summary>Payload bytes of the first packet.</summary>
    public int Unit;

    /// <summary>The bytes so far; null while idle.</summary>
    public Message? Message;

    /// <summary>When it ends unfinished.</summary>
    public long Deadline;

    public Assembly? Older;
    public Assembly? Newer;

    /// <summary>Bytes that fit without a larger buffer.</summary>
    public int Room => Message!.Capacity - Message.Length;

    public uint Key => Expected & KeyMask;

    public int Source => (int)((Expected >> 16) & 0xFF);

    public void Begin(uint firstHeader, int unit, Message message, long deadline)
    {
        Expected = (firstHeader & KeyMask) | ((firstHeader + SequenceOne) & SequenceMask);
        Unit = unit;
        Message = message;
        Deadline = deadline;
    }

    /// <summary>Adds the next packet's payload. The caller has checked that it is the expected one and fits.</summary>
    public void Append(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        Message message = Message!;
        int used = message.Length;
        first.CopyTo(message.Data.AsSpan(used));
        used += first.Length;
        if (second.Length != 0)
        {
            second.CopyTo(message.Data.AsSpan(used));
            used += second.Length;
        }

        message.Length = used;
        uint expected = Expected;
        Expected = (expected & ~SequenceMask) | ((expected + SequenceOne) & SequenceMask);
    }

    public void Clear()
    {
        Expected = Idle;
        Message = null;
        Older = null;
        Newer = null;
    }
}
