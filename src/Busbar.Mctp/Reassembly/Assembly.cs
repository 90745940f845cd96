// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

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

    /// <summary>Bytes so far.</summary>
    public int Length;

    /// <summary>Where they are: the data of <see cref="Message"/>.</summary>
    public byte[] Data = [];

    /// <summary>The buffer; null while idle.</summary>
    public Message? Message;

    /// <summary>When it ends unfinished.</summary>
    public long Deadline;

    public Assembly? Older;
    public Assembly? Newer;

    public uint Key => Expected & KeyMask;

    public int Source => (int)((Expected >> 16) & 0xFF);

    public void Begin(uint firstHeader, int unit, Message message, long deadline)
    {
        Expected = (firstHeader & KeyMask) | ((firstHeader + SequenceOne) & SequenceMask);
        Unit = unit;
        Length = unit;
        Message = message;
        Data = message.Data;
        Deadline = deadline;
    }

    /// <summary>Continues in a larger buffer that holds the same bytes.</summary>
    public void MoveTo(Message larger)
    {
        Message = larger;
        Data = larger.Data;
    }

    /// <summary>Adds the next packet's payload. The caller has checked that it is the expected one.</summary>
    /// <returns>False when the buffer is too small; nothing has changed then.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryAppend(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int length = first.Length + second.Length;
        Span<byte> rest = Data.AsSpan(Length);
        if (length > rest.Length) return false;
        PacketCopy.Copy(first, rest);
        if (second.Length != 0) second.CopyTo(rest[first.Length..]);
        Length += length;

        // What the two sequence bits carry over falls on the bit that is not compared.
        Expected = (Expected + SequenceOne) & ExpectedMask;
        return true;
    }

    /// <summary>Makes it idle.</summary>
    public void Clear()
    {
        Expected = Idle;
        Message = null;
        Data = [];
        Older = null;
        Newer = null;
    }
}
