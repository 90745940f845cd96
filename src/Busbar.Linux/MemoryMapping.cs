// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>A mapped range of addresses that is unmapped once.</summary>
internal sealed class MemoryMapping : SafeHandle
{
    private readonly nuint _length;

    public MemoryMapping(nint address, nuint length)
        : base(NativeMemoryMap.MAP_FAILED, ownsHandle: true)
    {
        _length = length;
        SetHandle(address);
    }

    public nint Address => handle;

    public override bool IsInvalid => handle == NativeMemoryMap.MAP_FAILED;

    protected override bool ReleaseHandle() => NativeMemoryMap.Unmap(handle, _length) == 0;
}
