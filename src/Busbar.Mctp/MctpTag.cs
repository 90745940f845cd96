// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// A message tag with its owner bits, encoded as in <c>smctp_tag</c>: bits 2:0 the value, bit 3 "tag owner", bit 4 "preallocated".
/// </summary>
public readonly record struct MctpTag
{
    /// <summary>Bits 2:0.</summary>
    public const byte ValueMask = 0x07;

    /// <summary>Bit 3: whoever sent or sends this message owns the tag (TO on the wire).</summary>
    public const byte OwnerBit = 0x08;

    /// <summary>Bit 4: the tag was allocated ahead of sending and outlives an answer. Never on the wire.</summary>
    public const byte PreallocatedBit = 0x10;

    /// <summary>"A request: choose a tag for me."</summary>
    public static readonly MctpTag Owner = new(OwnerBit);

    private MctpTag(byte raw) => Raw = raw;

    /// <summary>The encoded byte.</summary>
    public byte Raw { get; }

    /// <summary>The three-bit value that travels on the wire.</summary>
    public int Value => Raw & ValueMask;

    /// <summary>True when the sender owns the tag.</summary>
    public bool IsOwner => (Raw & OwnerBit) != 0;

    /// <summary>True when the tag was allocated ahead.</summary>
    public bool IsPreallocated => (Raw & PreallocatedBit) != 0;

    /// <summary>A tag owned by the message's sender (TO = 1).</summary>
    /// <param name="value">0..7.</param>
    public static MctpTag Owned(int value) => new((byte)((value & ValueMask) | OwnerBit));

    /// <summary>A tag owned by the message's receiver (TO = 0): an answer.</summary>
    /// <param name="value">0..7.</param>
    public static MctpTag Unowned(int value) => new((byte)(value & ValueMask));

    /// <summary>A tag that was allocated ahead.</summary>
    /// <param name="value">0..7.</param>
    public static MctpTag Preallocated(int value) => new((byte)((value & ValueMask) | OwnerBit | PreallocatedBit));

    /// <summary>Reads the encoded byte, as strict as the kernel: no bits beyond 0x1F, preallocated only together with owner.</summary>
    /// <param name="raw">The byte.</param>
    /// <param name="tag">The tag.</param>
    public static bool TryCreate(byte raw, out MctpTag tag)
    {
        bool good = (raw & ~0x1F) == 0 && ((raw & PreallocatedBit) == 0 || (raw & OwnerBit) != 0);
        tag = good ? new MctpTag(raw) : default;
        return good;
    }

    /// <summary>The tag that answers this one: the same value, not owned by the answer's sender.</summary>
    public MctpTag ToResponse() => Unowned(Value);

    /// <summary>The value, with <c>TO</c> when owned.</summary>
    public override string ToString() => IsOwner ? $"{Value} TO" : Value.ToString();
}
