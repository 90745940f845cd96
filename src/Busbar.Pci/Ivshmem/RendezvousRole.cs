// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>The two ends of an MMBI interface, as the <see cref="RendezvousPage"/> numbers them.</summary>
public enum RendezvousRole
{
    /// <summary>The end that lays out the window and describes it.</summary>
    Owner = 0,

    /// <summary>The end that finds the description.</summary>
    Discoverer = 1,
}
