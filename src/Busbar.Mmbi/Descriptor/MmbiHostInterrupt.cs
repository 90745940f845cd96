// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>H_INT_T, descriptor byte 40, bits 2:0: how the owner interrupts the host.</summary>
public enum MmbiHostInterrupt : byte
{
    /// <summary>Not at all; the host polls.</summary>
    None = 0,

    /// <summary>PCIe interrupt; the location is the MSI or MSI-X message index.</summary>
    Pcie = 1,

    /// <summary>A physical pin.</summary>
    Pin = 2,

    /// <summary>eSPI virtual wire; location is its index, value its data byte.</summary>
    VirtualWire = 3,
}
