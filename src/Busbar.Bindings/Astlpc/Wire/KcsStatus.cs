// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Bindings;

/// <summary>The bits of the KCS status register that the LPC binding gives a meaning.</summary>
[Flags]
internal enum KcsStatus : uint
{
    None = 0,

    /// <summary>The channel is open: version and layout in the control area are good.</summary>
    Active = 0x40,

    /// <summary>The management controller is there, and its part of the control area is good.</summary>
    Ready = 0x80,
}
