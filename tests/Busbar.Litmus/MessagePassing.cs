// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Litmus;

/// <summary>
/// The shape of a ring's publication: payload first, then a release store of the write pointer; whoever sees the pointer with acquire
/// must see the payload.
/// </summary>
internal sealed class MessagePassing : IDisposable
{
    private const int Slots = 1024;
    private const int SlotSize = 64;
    private const int PointerOffset = Slots * SlotSize;
    private const int EchoOffset = PointerOffset + 128;

    private readonly SharedRegion _region = SharedRegion.Allocate(PointerOffset + 256);

    /// <summary>Sends numbered slots through the ring shape and checks each.</summary>
    /// <param name="messages">How many.</param>
    /// <returns>How many slots did not hold their number when the pointer said that they did.</returns>
    public long CountStaleSlots(int messages)
    {
        var producer = new Thread(() => Produce(messages));
        producer.Start();
        long stale = 0;
        uint taken = 0;
        while (taken < messages)
        {
            uint published = _region.Read32(PointerOffset);
            while (taken != published)
            {
                ReadOnlySpan<byte> slot = _region.Span((int)(taken % Slots) * SlotSize, SlotSize);
                uint first = BitConverter.ToUInt32(slot);
                uint last = BitConverter.ToUInt32(slot[(SlotSize - 4)..]);
                if (first != taken || last != taken) stale++;
                taken++;
            }

            _region.Write32(EchoOffset, taken);
        }

        producer.Join();
        return stale;
    }

    public void Dispose() => _region.Dispose();

    private void Produce(int messages)
    {
        uint published = 0;
        while (published < messages)
        {
            if (published - _region.Read32(EchoOffset) >= Slots) continue;
            Span<byte> slot = _region.Span((int)(published % Slots) * SlotSize, SlotSize);
            BitConverter.TryWriteBytes(slot, published);
            BitConverter.TryWriteBytes(slot[(SlotSize - 4)..], published);
            published++;
            _region.Write32(PointerOffset, published);
        }
    }
}
