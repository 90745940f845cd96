// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>
/// The ranges of memory that a client has given. The loop's thread changes them while any thread of the function reads and writes through them; one lock keeps
/// the two apart, so that nothing of a range is touched once its unmapping has been answered.
/// </summary>
internal sealed class DmaTable(VfioUserServerOptions options, VfioUserStatistics statistics)
{
    private readonly Lock _lock = new();

    // Ascending and disjoint.
    private readonly List<DmaRange> _ranges = [];
    private readonly List<MemoryObject> _objects = [];
    private long _mappedBytes;

    /// <summary>Ranges at present.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _ranges.Count;
        }
    }

    /// <summary>Bytes of address space that the client's memory takes here.</summary>
    public long MappedBytes
    {
        get
        {
            lock (_lock) return _mappedBytes;
        }
    }

    /// <summary>Takes a range.</summary>
    /// <param name="request">What the client says.</param>
    /// <param name="descriptor">What came along, or null; stays the caller's and may be closed afterwards.</param>
    /// <returns>Null, or why not.</returns>
    public VfioUserRefusal? TryMap(DmaMapRequest request, FileDescriptor? descriptor)
    {
        if ((request.Flags & ~(VfioUserFormat.DmaReadable | VfioUserFormat.DmaWritable)) != 0 || request.Flags == 0) return VfioUserRefusal.BadFlags;
        if (request.Size == 0 || request.Address > ulong.MaxValue - (request.Size - 1)) return VfioUserRefusal.OutOfRange;
        ulong last = request.Address + (request.Size - 1);
        lock (_lock)
        {
            if (_ranges.Count >= options.MaximumDmaMaps) return VfioUserRefusal.TooManyMaps;
            int position = FirstNotBelow(request.Address);
            if (position < _ranges.Count && _ranges[position].Address <= last) return VfioUserRefusal.Overlap;
            MemoryObject? memory = null;
            if (descriptor is null)
            {
                statistics.CountMapWithoutMemory();
            }
            else if (TryFindObject(descriptor, request, out memory) is { } refusal)
            {
                return refusal;
            }

            if (memory is not null) memory.Users++;
            _ranges.Insert(position, new DmaRange(request.Address, last, request.Flags, memory, (long)request.Offset));
            return null;
        }
    }

    /// <summary>Gives up every range that lies inside. When this returns, nothing in them is touched any more.</summary>
    /// <param name="address">First bus address.</param>
    /// <param name="size">Bytes; up to the end of the address space, but not beyond.</param>
    /// <returns>Null, or why not; nothing to unmap is fine.</returns>
    public VfioUserRefusal? TryUnmap(ulong address, ulong size)
    {
        if (size == 0 || address > ulong.MaxValue - (size - 1)) return VfioUserRefusal.OutOfRange;
        ulong last = address + (size - 1);
        lock (_lock)
        {
            int first = FirstNotBelow(address);
            int end = first;
            while (end < _ranges.Count && _ranges[end].Address <= last)
            {
                if (_ranges[end].Address < address || _ranges[end].Last > last) return VfioUserRefusal.PartOfMap;
                end++;
            }

            if (end == first) statistics.CountEmptyUnmap();
            for (int i = first; i < end; i++) Release(_ranges[i].Memory);
            _ranges.RemoveRange(first, end - first);
            return null;
        }
    }

    /// <summary>Gives up everything.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            foreach (DmaRange range in _ranges) Release(range.Memory);
            _ranges.Clear();
        }
    }

    public bool TryRead(ulong address, Span<byte> data)
    {
        lock (_lock)
        {
            if (!IsReachable(address, data.Length, VfioUserFormat.DmaReadable, out int position)) return Refuse();
            while (!data.IsEmpty)
            {
                DmaRange range = _ranges[position++];
                ulong inside = address - range.Address;
                int piece = PieceOf(range, address, data.Length);
                if (!range.Memory!.Memory.TryRead(range.Offset + (long)inside, data[..piece])) return Refuse();
                data = data[piece..];
                address += (uint)piece;
            }

            return true;
        }
    }

    public bool TryWrite(ulong address, ReadOnlySpan<byte> data)
    {
        lock (_lock)
        {
            if (!IsReachable(address, data.Length, VfioUserFormat.DmaWritable, out int position)) return Refuse();
            while (!data.IsEmpty)
            {
                DmaRange range = _ranges[position++];
                ulong inside = address - range.Address;
                int piece = PieceOf(range, address, data.Length);
                if (!range.Memory!.Memory.TryWrite(range.Offset + (long)inside, data[..piece])) return Refuse();
                data = data[piece..];
                address += (uint)piece;
            }

            return true;
        }
    }

    private static int PieceOf(DmaRange range, ulong address, int wanted) => (int)Math.Min((ulong)wanted - 1, range.Last - address) + 1;

    // The whole way is checked before the first byte moves: an access happens or does not.
    private bool IsReachable(ulong address, int length, uint right, out int position)
    {
        position = FirstNotBelow(address);
        if (length == 0) return true;
        if (address > ulong.MaxValue - (uint)(length - 1)) return false;
        ulong last = address + (uint)(length - 1);
        for (int i = position; i < _ranges.Count; i++)
        {
            DmaRange range = _ranges[i];
            bool allowed = (range.Flags & right) != 0 && range.Memory is { } found && (right == VfioUserFormat.DmaReadable || !found.Memory.IsReadOnly);
            if (range.Address > address || !allowed) return false;
            if (range.Last >= last) return true;
            address = range.Last + 1;
        }

        return false;
    }

    private bool Refuse()
    {
        statistics.CountDmaRefused();
        return false;
    }

    // The first range that ends at or behind an address.
    private int FirstNotBelow(ulong address)
    {
        int low = 0;
        int high = _ranges.Count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            if (_ranges[middle].Last < address) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    // Null with memory null: a fine descriptor whose memory is not safe to map.
    private VfioUserRefusal? TryFindObject(FileDescriptor descriptor, DmaMapRequest request, out MemoryObject? memory)
    {
        memory = null;
        if (request.Offset > long.MaxValue || request.Size > long.MaxValue - request.Offset) return VfioUserRefusal.OutOfRange;
        ulong end = request.Offset + request.Size;

        // First of all: what is no sealed memory is not even asked for its size. It may lie in a file system that the client runs, and never answer.
        if (!PeerMemory.CannotShrink(descriptor))
        {
            statistics.CountUnsafeMemory();
            return null;
        }

        FileIdentity identity;
        try
        {
            identity = FileIdentity.Of(descriptor);
        }
        catch (LinuxException)
        {
            return VfioUserRefusal.Unmappable;
        }

        // An object that has grown since it was mapped, or that came without the right to write, is mapped again; the old mapping goes with its last range.
        bool writes = (request.Flags & VfioUserFormat.DmaWritable) != 0;
        memory = _objects.Find(known => known.Identity == identity && (ulong)known.Memory.Length >= end && !(writes && known.Memory.IsReadOnly));
        if (memory is not null) return null;
        if (_objects.Count >= options.MaximumMemoryObjects) return VfioUserRefusal.TooMuchMemory;
        Errno reason = PeerMemory.TryMap(descriptor, options.MaximumMappedBytes - _mappedBytes, out PeerMemory? mapped);
        switch (reason)
        {
            case Errno.EFBIG or Errno.ENOMEM:
                return VfioUserRefusal.TooMuchMemory;
            case not Errno.None:
                return VfioUserRefusal.Unmappable;
        }

        if ((ulong)mapped!.Length < end)
        {
            mapped.Dispose();
            return VfioUserRefusal.OutOfRange;
        }

        memory = new MemoryObject(identity, mapped);
        _mappedBytes += mapped.Length;
        _objects.Add(memory);
        return null;
    }

    private void Release(MemoryObject? memory)
    {
        if (memory is null || --memory.Users > 0) return;
        _objects.Remove(memory);
        _mappedBytes -= memory.Memory.Length;
        memory.Memory.Dispose();
    }
}
