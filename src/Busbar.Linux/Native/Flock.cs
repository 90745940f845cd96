// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>struct flock of 64-bit Linux (asm-generic/fcntl.h).</summary>
[StructLayout(LayoutKind.Explicit, Size = 32)]
internal struct Flock
{
    [FieldOffset(0)]
    public short Type;

    /// <summary>0: the start counts from the beginning of the file.</summary>
    [FieldOffset(2)]
    public short Whence;

    [FieldOffset(8)]
    public long Start;

    [FieldOffset(16)]
    public long Length;

    /// <summary>Must be 0 for locks that belong to the open file description.</summary>
    [FieldOffset(24)]
    public int ProcessId;
}
