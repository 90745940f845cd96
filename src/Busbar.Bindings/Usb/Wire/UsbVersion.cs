// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>Versions of the USB binding (DSP0283).</summary>
public enum UsbVersion
{
    /// <summary>Length in one byte; packets stay within their transfer.</summary>
    V10,

    /// <summary>Length in 13 bits; packets may go on in the next transfer.</summary>
    V11,
}
