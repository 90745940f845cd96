// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>How a vendor-defined message finds its way: the low three bits of its type.</summary>
public enum PcieVdmRouting
{
    /// <summary>Up, to the root complex.</summary>
    ToRootComplex = 0,

    /// <summary>To the function that the target ID names.</summary>
    ById = 2,

    /// <summary>Down from the root complex, to everybody.</summary>
    BroadcastFromRootComplex = 3,
}
