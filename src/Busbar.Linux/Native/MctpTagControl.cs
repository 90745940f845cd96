// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>struct mctp_ioc_tag_ctl2 (linux/mctp.h).</summary>
[StructLayout(LayoutKind.Explicit, Size = 12)]
internal struct MctpTagControl
{
    [FieldOffset(0)]
    public uint Network;

    [FieldOffset(4)]
    public byte Peer;

    [FieldOffset(5)]
    public byte Local;

    [FieldOffset(6)]
    public ushort Flags;

    [FieldOffset(8)]
    public byte Tag;
}
