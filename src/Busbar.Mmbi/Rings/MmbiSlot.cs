// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>
/// A reserved place in a ring, filled front to back. Nobody sees it before the producer commits. Valid until the producer's next
/// reservation.
/// </summary>
public ref struct MmbiSlot
{
    private readonly MmbiProducer _producer;
    private int _position;

    internal MmbiSlot(MmbiProducer producer, int position, int length)
    {
        _producer = producer;
        _position = position;
        Remaining = length;
    }

    /// <summary>Payload bytes that were reserved and not yet written.</summary>
    public int Remaining { readonly get; private set; }

    /// <summary>Writes the next bytes of the payload, around the ring's end where necessary.</summary>
    /// <param name="bytes">At most <see cref="Remaining"/> bytes.</param>
    /// <exception cref="ArgumentOutOfRangeException">More bytes than were reserved.</exception>
    public void Append(scoped ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes.Length, Remaining, nameof(bytes));
        _position = _producer.Store(_position, bytes);
        Remaining -= bytes.Length;
    }
}
