// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>sd_bus_error (systemd/sd-bus.h).</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct SdBusError
{
    public nint Name;
    public nint Message;

    /// <summary>0: the strings are not the library's to free.</summary>
    public int NeedsFree;
}
