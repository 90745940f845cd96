// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>How a function came to start over (PCI Express Base, 6.6).</summary>
public enum PciResetKind
{
    /// <summary>Its slot was reset, or what it is plugged into asked for it.</summary>
    Conventional,

    /// <summary>Its driver wrote the bit in the device control register.</summary>
    FunctionLevel,
}
