// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>A mapped range of addresses that is unmapped once.</summary>
internal sealed class MemoryMapping : SafeHandle
{
    private readonly nuint _length;
    private readonly MappingGuard? _guard;

    public MemoryMapping(nint address, nuint length)
        : this(address, length, guard: null)
    {
    }

    private MemoryMapping(nint address, nuint length, MappingGuard? guard)
        : base(NativeMemoryMap.MAP_FAILED, ownsHandle: true)
    {
        (_length, _guard) = (length, guard);
        SetHandle(address);
    }

    /// <summary>What surrounds shared mappings from now on; null, as in every product, for nothing.</summary>
    public static MappingGuard? Guard { get; set; }

    public nint Address => handle;

    /// <summary>Maps a part of a memory object for every process to see; null with the reason in <see cref="NativeError.Last"/>.</summary>
    public static MemoryMapping? TryShare(FileDescriptor descriptor, nuint length, int protection, int flags = 0, long offset = 0)
    {
        // Huge pages lie on boundaries of their own, where no guard fits.
        MappingGuard? guard = Guard is { } given && !NativeMemoryMap.IsHuge(descriptor) ? given : null;
        nint place = 0;
        flags |= NativeMemoryMap.MAP_SHARED;
        if (guard is not null)
        {
            place = guard.Reserve(length);
            if (place == NativeMemoryMap.MAP_FAILED) return null;
            flags |= NativeMemoryMap.MAP_FIXED;
        }

        nint address = NativeMemoryMap.Map(place, length, protection, flags, descriptor, offset);
        if (address != NativeMemoryMap.MAP_FAILED) return new MemoryMapping(address, length, guard);
        if (guard is null) return null;
        int reason = Marshal.GetLastPInvokeError();
        guard.Release(place, length);
        Marshal.SetLastPInvokeError(reason);
        return null;
    }

    public override bool IsInvalid => handle == NativeMemoryMap.MAP_FAILED;

    protected override bool ReleaseHandle() => _guard?.Release(handle, _length) ?? NativeMemoryMap.Unmap(handle, _length) == 0;
}
