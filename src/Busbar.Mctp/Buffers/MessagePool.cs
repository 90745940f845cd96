// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// Free buffers by size class. Buffers are made when first needed and kept: as every user of the pool is bounded, so is the pool.
/// </summary>
internal sealed class MessagePool
{
    private readonly int[] _sizes;
    private readonly Message?[] _free;

    public MessagePool(int largest)
    {
        int[] usual = [256, 4096, 16384];
        _sizes = [.. usual.Where(size => size < largest), largest];
        _free = new Message?[_sizes.Length];
    }

    /// <summary>Buffer bytes ever made.</summary>
    public long BytesMade { get; private set; }

    /// <summary>The smallest class that holds so many bytes, or the largest class if none does.</summary>
    public int ClassFor(int bytes)
    {
        int[] sizes = _sizes;
        for (int i = 0; i < sizes.Length - 1; i++)
        {
            if (bytes <= sizes[i]) return i;
        }

        return sizes.Length - 1;
    }

    public int SizeOf(int sizeClass) => _sizes[sizeClass];

    public Message Rent(int sizeClass)
    {
        Message? message = _free[sizeClass];
        if (message is null) return Make(sizeClass);
        _free[sizeClass] = message.Next;
        message.Next = null;
        return message;
    }

    public void Return(Message message)
    {
        ref Message? head = ref _free[message.SizeClass];
        message.Next = head;
        head = message;
    }

    private Message Make(int sizeClass)
    {
        BytesMade += _sizes[sizeClass];
        return new Message(_sizes[sizeClass], sizeClass);
    }
}
