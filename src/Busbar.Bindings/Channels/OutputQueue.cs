// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>
/// Bytes on their way to a channel, in order and bounded. What is committed leaves only after <see cref="Publish"/>. Free bytes are always in one piece when
/// somebody reserves them.
/// </summary>
internal sealed class OutputQueue(int capacity)
{
    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(capacity);
    private int _read;
    private int _published;
    private int _written;

    /// <summary>Bytes the queue can hold.</summary>
    public int Capacity => _bytes.Length;

    /// <summary>Bytes that may still be committed.</summary>
    public int Free => _bytes.Length - (_written - _read);

    /// <summary>Published bytes that have not left.</summary>
    public ReadOnlySpan<byte> Pending => _bytes.AsSpan(_read, _published - _read);

    /// <summary>True while published bytes wait.</summary>
    public bool HasPending => _published != _read;

    /// <summary>Room for some bytes, to be followed by <see cref="Commit"/>; empty when there is not so much.</summary>
    public Span<byte> Reserve(int count)
    {
        if (count > Free) return default;
        if (count > _bytes.Length - _written)
        {
            // Rare: the queue empties far more often than it comes to its end, and an empty one starts at the beginning.
            _bytes.AsSpan(_read, _written - _read).CopyTo(_bytes);
            _published -= _read;
            _written -= _read;
            _read = 0;
        }

        return _bytes.AsSpan(_written, count);
    }

    public void Commit(int count) => _written += count;

    public void Publish() => _published = _written;

    /// <summary>Forgets the oldest published bytes, because they have left.</summary>
    public void Advance(int count)
    {
        _read += count;
        if (_read == _written) Clear();
    }

    public void Clear() => _read = _published = _written = 0;
}
