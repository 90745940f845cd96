// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>What the configuration space says about interrupts.</summary>
/// <param name="IsBusMaster">The function may send messages, which are writes to memory.</param>
/// <param name="IntxDisabled">The pin stays silent.</param>
/// <param name="MsiEnabled">MSI is on; without effect while MSI-X is.</param>
/// <param name="MsiGranted">Vectors granted by the driver, a power of two not above what the function has.</param>
/// <param name="MsiMask">A one for each masked vector.</param>
/// <param name="MsixEnabled">MSI-X is on.</param>
/// <param name="MsixMasked">All its vectors are masked.</param>
internal readonly record struct InterruptSettings(
    bool IsBusMaster, bool IntxDisabled, bool MsiEnabled, int MsiGranted, uint MsiMask, bool MsixEnabled, bool MsixMasked)
{
    /// <summary>The kind that the driver has enabled; INTx unless it disabled that, too.</summary>
    public PciInterruptKind? Active =>
        MsixEnabled ? PciInterruptKind.Msix : MsiEnabled ? PciInterruptKind.Msi : IntxDisabled ? null : PciInterruptKind.Intx;
}
