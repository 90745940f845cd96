// SPDX-License-Identifier: Apache-2.0
using Busbar.Guest;

namespace Busbar.Cli;

/// <summary>A guest with an emulated device of ours at a place that is known.</summary>
internal static class VfioUserGuest
{
    /// <summary>Where the device is in the guest.</summary>
    public const string Address = "0000:00:10.0";

    /// <summary>The guest.</summary>
    /// <param name="socket">Of the device.</param>
    /// <param name="iommu">True for an IOMMU. QEMU survives the end of the device's process only without one.</param>
    public static GuestOptions Options(string socket, bool iommu) => new()
    {
        Iommu = iommu,
        QemuArguments = ["-device", $$"""{"driver":"vfio-user-pci","addr":"0x10","rombar":0,"socket":{"type":"unix","path":"{{socket}}"} }"""],
    };
}
