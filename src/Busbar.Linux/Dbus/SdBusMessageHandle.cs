// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>
/// A reference to an sd_bus_message. sd-bus counts references without atomic operations, and a forgotten handle is released by the finalizer's thread; therefore
/// the reference goes to a graveyard first, which the connection empties in its own thread.
/// </summary>
internal sealed class SdBusMessageHandle : SafeHandle
{
    private readonly ConcurrentQueue<nint> _graveyard;

    public SdBusMessageHandle(nint message, ConcurrentQueue<nint> graveyard)
        : base(0, ownsHandle: true)
    {
        _graveyard = graveyard;
        SetHandle(message);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        _graveyard.Enqueue(handle);
        return true;
    }
}
