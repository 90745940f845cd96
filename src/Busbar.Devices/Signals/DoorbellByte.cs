// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Devices;

/// <summary>
/// A byte of a window that rings when its value is written to it, as the AST2700's write watch does: address and value are programmed, other values only
/// change the memory.
/// </summary>
internal sealed class DoorbellByte : IDisposable
{
    private readonly SharedRegion _page;
    private readonly int _offset;
    private readonly int _inPage;
    private readonly byte _value;
    private readonly Action _ring;

    /// <summary>Watches a byte.</summary>
    /// <param name="memory">The window's memory.</param>
    /// <param name="offset">The byte, from the window's start. Its page must not be mapped into the guest.</param>
    /// <param name="value">The value that rings.</param>
    /// <param name="ring">Called under the function's lock.</param>
    public DoorbellByte(MappedMemory memory, int offset, byte value, Action ring)
    {
        int page = Environment.SystemPageSize;
        _page = memory.MapPart(offset / page * page, page);
        (_offset, _inPage, _value, _ring) = (offset, offset % page, value, ring);
    }

    /// <summary>Told a write to the byte's page, after it and under the function's lock, so the byte still holds what was written.</summary>
    public void AfterWrite(int offset, int length)
    {
        if (offset <= _offset && _offset < offset + length && _page.Read8(_inPage) == _value) _ring();
    }

    public void Dispose() => _page.Dispose();
}
