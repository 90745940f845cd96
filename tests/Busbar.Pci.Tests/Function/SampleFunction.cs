// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci.Tests;

/// <summary>A function with one of everything.</summary>
internal static class SampleFunction
{
    public const int Vectors = 70;
    public const int TableBar = 4;
    public const int PendingOffset = 0x800;
    public const int DoorbellPage = 0x3000;

    public static RegisterFile Registers(Action<RegisterWrite>? onWrite = null) => new RegisterFile(0x40)
        .Add(0x00, reset: 0x12345678)
        .Add(0x04, reset: 0xF0, writable: 0xFFFF)
        .Add(0x08, reset: 0xFF, writeOneToClear: 0xFF)
        .Add(0x0C, onRead: _ => 0, writable: uint.MaxValue, onWrite: onWrite);

    public static PciFunction Create(
        RegisterFile? registers = null, byte pin = 1, PciFunctionCapability? msi = null, bool msix = true, Action<int, int>? afterWrite = null) => new(
        new PciFunctionOptions
        {
            Name = "sample",
            VendorId = 0x1234,
            DeviceId = 0x5678,
            SubsystemVendorId = 0x4321,
            SubsystemId = 0x8765,
            ClassCode = 0x0C0C00,
            RevisionId = 0x27,
            InterruptPin = pin,
            Regions =
            [
                new PciFunctionRegion(0, 0x2000).AddRegisters(0x1000, registers ?? Registers()),
                new PciFunctionRegion(2, 0x10000, is64Bit: true, isPrefetchable: true)
                    .AddMemory(0, DoorbellPage)
                    .AddMemory(DoorbellPage, 0x1000, isMappable: false, afterWrite)
                    .AddMemory(0x4000, 0x4000),
                new PciFunctionRegion(TableBar, 0x1000),
            ],
            Capabilities =
            [
                PciFunctionCapability.PowerManagement(),
                .. msi is null ? (PciFunctionCapability[])[] : [msi],
                .. msix ? (PciFunctionCapability[])[PciFunctionCapability.Msix(Vectors, TableBar, 0, PendingOffset)] : [],
                PciFunctionCapability.Vendor([0xAA, 0xBB], [0x0F]),
                PciFunctionCapability.Express(),
                PciFunctionCapability.SerialNumber(0x1122334455667788),
                PciFunctionCapability.VendorSpecific(0x42, 3, [1, 2, 3, 4]),
                PciFunctionCapability.DesignatedVendorSpecific(0x1234, 1, 7, [5, 6]),
            ],
        });
}
