// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// Free buffers by size class. Buffers are made when first needed and kept: as every user of the pool is bounded, so is the pool.
/// </summary>
internal sealed class MessagePool
{
    private const int FirstCapacity = 16;

    private readonly int[] _sizes;
    private readonly Message[][] _free;
    private readonly int[] _count;

    /// <summary>Makes an empty pool.</summary>
    /// <param name="largestMessage">Bytes of the longest message. One more class holds such a message as a packet, for raw sockets.</param>
    public MessagePool(int largestMessage)
    {
        int[] usual = [256, 4096, 16384];
        _sizes = [.. usual.Where(size => size < largestMessage), largestMessage, largestMessage + MctpHeader.Size];
        _free = new Message[_sizes.Length][];
        _count = new int[_sizes.Length];
        Array.Fill(_free, []);
    }

    /// <summary>Buffer bytes ever made.</summary>
    public long BytesMade { get; private set; }

    /// <summary>The smallest class that holds so many bytes, or the largest class if none does.</summary>
    public int ClassFor(int bytes)
    {
        int[] sizes = _sizes;
        int sizeClass = 0;
        while (sizeClass < sizes.Length - 1 && bytes > sizes[sizeClass]) sizeClass++;
        return sizeClass;
    }

    public int SizeOf(int sizeClass) => _sizes[sizeClass];

    public Message Rent(int sizeClass)
    {
        ref int count = ref _count[sizeClass];
        return count == 0 ? Make(sizeClass) : _free[sizeClass][--count];
    }

    public void Return(Message message)
    {
        Message[] free = _free[message.SizeClass];
        ref int count = ref _count[message.SizeClass];
        if (count == free.Length)
        {
            Array.Resize(ref free, Math.Max(count * 2, FirstCapacity));
            _free[message.SizeClass] = free;
        }

        // The last one taken is usually the first one back, and its reference is still in its place.
        ref Message place = ref free[count++];
        if (!ReferenceEquals(place, message)) place = message;
    }

    private Message Make(int sizeClass)
    {
        BytesMade += _sizes[sizeClass];
        return new Message(_sizes[sizeClass], sizeClass);
    }
}
