// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>struct iocb (linux/aio_abi.h): one asynchronous operation.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct IoControl
{
    public ulong UserData;
    public uint Key;
    public uint ReadWriteFlags;
    public ushort Operation;
    public short Priority;
    public uint Descriptor;
    public ulong Buffer;
    public ulong Length;
    public long Offset;
    public ulong Reserved;
    public uint Flags;
    public uint ResultDescriptor;
}
