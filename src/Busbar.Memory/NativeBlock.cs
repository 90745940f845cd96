// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Memory;

/// <summary>A page-aligned, zeroed heap block outside the garbage collector's reach.</summary>
internal sealed unsafe class NativeBlock : SafeHandle
{
    private const nuint PageSize = 4096;

    public NativeBlock(nuint length)
        : base(0, ownsHandle: true)
    {
        // SAFETY: AlignedAlloc returns at least length bytes or throws; they are cleared before anyone sees them.
        void* block = NativeMemory.AlignedAlloc(length, PageSize);
        NativeMemory.Clear(block, length);
        SetHandle((nint)block);
    }

    public nint Address => handle;

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        // SAFETY: the handle came from AlignedAlloc and SafeHandle calls this once.
        NativeMemory.AlignedFree((void*)handle);
        return true;
    }
}
