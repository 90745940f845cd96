// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>A window of a function, or a part from an offset on, as the handler behind a trapping region.</summary>
internal sealed class WindowTrap(IPciFunction function, int bar, long start) : IRegionHandler
{
    public ulong Read(int offset, int size)
    {
        Span<byte> data = stackalloc byte[sizeof(ulong)];
        data.Clear();
        function.ReadBar(bar, start + offset, data[..size]);
        return BinaryPrimitives.ReadUInt64LittleEndian(data);
    }

    public void Write(int offset, int size, ulong value)
    {
        Span<byte> data = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(data, value);
        function.WriteBar(bar, start + offset, data[..size]);
    }
}
