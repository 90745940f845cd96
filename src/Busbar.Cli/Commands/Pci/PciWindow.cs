// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>A range of a BAR with registers of one width. Belongs to its device, which unmaps it.</summary>
internal sealed class PciWindow
{
    private readonly SharedRegion _region;
    private readonly int _skip;
    private readonly int _bytes;

    private PciWindow(SharedRegion region, int skip, int bytes)
    {
        _region = region;
        _skip = skip;
        _bytes = bytes;
    }

    /// <summary>Maps what a range needs.</summary>
    public static PciWindow Map(IPciDevice device, int bar, int offset, int width, int count)
    {
        int bytes = width / 8;
        if (offset % bytes != 0) throw new CommandException(ExitCode.Usage, $"offset 0x{offset:x} is no multiple of {bytes}, as an access of {width} bits needs");
        int skip = offset % Environment.SystemPageSize;
        long length = skip + ((long)count * bytes);
        long present = device.GetBar(bar).Length;
        if (offset - skip + length > present && present > 0)
        {
            throw new CommandException(ExitCode.Usage, $"BAR {bar} of {device.Name} ends at 0x{present:x}: 0x{offset:x} + {count} x {bytes} is not inside");
        }

        return new PciWindow(device.MapBar(bar, RegionAccess.Mmio, offset - skip, (int)length), skip, bytes);
    }

    public ulong Read(int index) => _bytes switch
    {
        1 => _region.Read8(At(index)),
        2 => _region.Read16(At(index)),
        4 => _region.Read32(At(index)),
        _ => _region.Read64(At(index)),
    };

    public void Write(int index, ulong value)
    {
        switch (_bytes)
        {
            case 1: _region.Write8(At(index), (byte)value); break;
            case 2: _region.Write16(At(index), (ushort)value); break;
            case 4: _region.Write32(At(index), (uint)value); break;
            default: _region.Write64(At(index), value); break;
        }
    }

    private int At(int index) => _skip + (index * _bytes);
}
