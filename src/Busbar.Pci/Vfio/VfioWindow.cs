// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Pci;

/// <summary>
/// A part of a BAR that the kernel does not let into our address space (it shares a page with something else, or with the table of MSI-X on an old kernel): every
/// access is a system call. As on a bus, what nobody answers reads as ones, and writes to it are lost.
/// </summary>
internal sealed class VfioWindow(VfioDevice device, VfioRegion region, long start) : IRegionHandler
{
    public ulong Read(int offset, int size)
    {
        Span<byte> data = stackalloc byte[sizeof(ulong)];
        data.Clear();
        return TryAccess(offset, data[..size], isWrite: false) ? BinaryPrimitives.ReadUInt64LittleEndian(data) : ulong.MaxValue >> (64 - (8 * size));
    }

    public void Write(int offset, int size, ulong value)
    {
        Span<byte> data = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(data, value);
        TryAccess(offset, data[..size], isWrite: true);
    }

    private bool TryAccess(int offset, Span<byte> data, bool isWrite)
    {
        try
        {
            return isWrite ? device.TryWrite(region, start + offset, data) : device.TryRead(region, start + offset, data);
        }
        catch (ObjectDisposedException)
        {
            // The region outlived its device, and answers as a device that is gone.
            return false;
        }
    }
}
