// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>struct ifreq of 64-bit Linux (linux/if.h), with the members of its union that we use.</summary>
[StructLayout(LayoutKind.Explicit, Size = 40)]
internal unsafe struct InterfaceRequest
{
    [FieldOffset(0)]
    public fixed byte Name[InterfaceName.Size];

    [FieldOffset(16)]
    public short Flags;

    [FieldOffset(16)]
    public int Index;
}
