// SPDX-License-Identifier: Apache-2.0
using Busbar.Guest;

namespace Busbar.Cli;

/// <summary>What a guest does with a PCI device before a link can use it.</summary>
internal static class PciInGuest
{
    /// <summary>Binds a device to vfio-pci; without an IOMMU in the no-IOMMU mode, which a guest of ours may well use.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="guest">The guest.</param>
    /// <param name="who">Its letter.</param>
    /// <param name="address">Of the device in the guest.</param>
    /// <param name="noIommu">False when the guest has an IOMMU.</param>
    /// <returns>Null: there is nothing to tell.</returns>
    public static string? Bind(StoryStage stage, GuestMachine guest, string who, string address, bool noIommu = true)
    {
        stage.Run(guest, who, $"busbar pci bind {address}{(noIommu ? " --no-iommu" : string.Empty)}").Check();
        return null;
    }
}
