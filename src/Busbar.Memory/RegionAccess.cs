// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Memory;

/// <summary>How the bytes of a <see cref="SharedRegion"/> may be touched.</summary>
public enum RegionAccess
{
    /// <summary>Ordinary memory: any width, spans and bulk copies are allowed.</summary>
    Ram,

    /// <summary>
    /// Device memory (a mapped BAR): every access has exactly the width asked for and is aligned; bulk copies run as aligned
    /// 32-bit accesses with single-byte edges, because wider or split accesses change meaning on a register bus.
    /// </summary>
    Mmio,
}
