// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;

namespace Busbar.Mmbi.Tests;

/// <summary>Raw bytes of one ring and the two words that belong to it, for models of drivers: no checks, no cursors of its own.</summary>
internal sealed class DriverRing(SharedRegion window, int start, int length, int writeWord, int readWord)
{
    public int Length => length;

    public int WritePointer
    {
        get => (int)(window.Read32(writeWord) & ~3u);
        set => SetPointer(writeWord, value);
    }

    public int ReadPointer
    {
        get => (int)(window.Read32(readWord) & ~3u);
        set => SetPointer(readWord, value);
    }

    public byte[] Get(int position, int count)
    {
        byte[] bytes = new byte[count];
        for (int i = 0; i < count; i++) bytes[i] = window.Read8(start + ((position + i) % length));
        return bytes;
    }

    public void Put(int position, ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length; i++) window.Write8(start + ((position + i) % length), bytes[i]);
    }

    // Pointer and flags share the word: a read-modify-write that keeps the flags, as all drivers do.
    private void SetPointer(int word, int value) => window.Write32(word, (uint)value | (window.Read32(word) & 3));
}
