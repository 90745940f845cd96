// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>A reference to an sd_bus; what is still queued is thrown away at the end, because waiting for a bus that does not read could last for ever.</summary>
internal sealed class SdBusHandle : SafeHandle
{
    public SdBusHandle(nint bus)
        : base(0, ownsHandle: true) => SetHandle(bus);

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        NativeSdBus.CloseAndUnref(handle);
        return true;
    }
}
