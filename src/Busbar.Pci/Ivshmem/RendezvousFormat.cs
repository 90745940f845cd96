// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>Outcome of <see cref="RendezvousPage.TryFormat"/>.</summary>
public enum RendezvousFormat
{
    /// <summary>The page is there, of our version.</summary>
    Ready,

    /// <summary>Another owner is laying it out this very moment: try again.</summary>
    Busy,

    /// <summary>The page is there in a version that this program does not know; it was left alone.</summary>
    Incompatible,
}
