// SPDX-License-Identifier: Apache-2.0
using Busbar.Pci;

namespace Busbar.Fuzz;

/// <summary>
/// The decoders of configuration space, on any bytes: both lists are followed in a bounded number of steps, no capability is told twice, and whatever is decoded
/// lies inside its capability and the space.
/// </summary>
internal sealed class ConfigSpaceTarget : IFuzzTarget
{
    private const int MostCapabilities = 48 + 960;

    public string Name => "config-space";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        byte[] function = new byte[0x200];
        Put(function, 0x00, 0xF4, 0x1A, 0x41, 0x10, 0x07, 0x04, 0x10, 0x00, 0x01, 0x00, 0x0C, 0x0C);
        Put(function, 0x10, 0x00, 0x00, 0xB0, 0xFE, 0x41, 0xC0, 0, 0, 0x0C, 0, 0, 0x80, 0x12, 0, 0, 0);
        Put(function, 0x34, 0x40);
        Put(function, 0x3C, 11, 1);
        Put(function, 0x40, 0x11, 0x4C, 0x02, 0x80, 0x04, 0, 0, 0, 0x04, 0x08);
        Put(function, 0x4C, 0x05, 0x64, 0xA7, 0x01, 0x00, 0x10, 0xE0, 0xFE, 1, 0, 0, 0, 0x21, 0x43, 0, 0, 6, 0, 0, 0, 2);
        Put(function, 0x64, 0x01, 0x6C, 0x03, 0x00, 0x0B);
        Put(function, 0x6C, 0x09, 0x80, 0x10, 1, 2, 3);
        Put(function, 0x80, 0x10, 0x00, 0x02, 0x00, 0x21, 0x80, 0, 0x10, 0x20, 0x50, 0x20, 0, 0x43, 0, 0, 0, 0, 0, 0x42);
        Put(function, 0x100, 0x03, 0x00, 0x01, 0x11, 1, 2, 3, 4, 5, 6, 7, 8);
        Put(function, 0x110, 0x0B, 0x00, 0x01, 0x12, 0x34, 0x12, 0xC3, 0x00, 9, 9, 9, 9);
        Put(function, 0x120, 0x23, 0x00, 0x01, 0x14, 0x98, 0x1E, 0x01, 0x01, 8);
        Put(function, 0x140, 0x01, 0x00, 0x01, 0x00);
        yield return ("function", function);
        byte[] loops = [.. function];
        Put(loops, 0x6D, 0x40);
        Put(loops, 0x143, 0x10);
        yield return ("loops", loops);
        byte[] bridge = [.. function[..0x80]];
        Put(bridge, 0x0E, 0x81);
        Put(bridge, 0x65, 0x10);
        yield return ("bridge", bridge);
        yield return ("ones", [.. Enumerable.Repeat(byte.MaxValue, 256)]);
        yield return ("header", function[..64]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        var image = new PciConfigImage(input);
        PciHeader header = PciHeader.Read(image);
        IReadOnlyList<PciBarRegister> bars = PciBarRegister.ReadAll(image);
        FuzzViolationException.Require(bars.Count <= header.BarCount && bars.Select(bar => bar.Index).Distinct().Count() == bars.Count, "each BAR is told once");
        PciCapabilityLists lists = PciCapabilityLists.Walk(image);
        FuzzViolationException.Require(lists.All.Count <= MostCapabilities && lists.Faults.Count <= 2, "lists are bounded");
        FuzzViolationException.Require(lists.All.Select(entry => entry.Offset).Distinct().Count() == lists.All.Count, "a capability is told once");
        foreach (PciCapability entry in lists.All) Decode(image, entry);
    }

    private static void Decode(PciConfigImage image, PciCapability entry)
    {
        FuzzViolationException.Require(entry.Extent > 0 && image.Contains(entry.Offset, entry.Extent), "a capability lies inside the space");
        if (MsiCapability.TryRead(image, entry, out MsiCapability? msi))
            FuzzViolationException.Require(msi.Length <= entry.Extent && msi.VectorsOffered <= 32 && msi.VectorsGranted <= 32, "MSI fits");
        if (MsixCapability.TryRead(image, entry, out MsixCapability? msix))
            FuzzViolationException.Require(msix.VectorCount is > 0 and <= 2048 && msix.TableBar is >= 0 and <= 7 && msix.TableLength == 16 * msix.VectorCount, "MSI-X fits");
        if (PcieCapability.TryRead(image, entry, out PcieCapability? pcie))
            FuzzViolationException.Require(pcie.PortTypeName.Length > 0 && pcie.MaxPayload is >= 0 and <= 4096 && pcie.LinkWidth is >= 0 and <= 63, "PCI Express fits");
        if (PowerManagementCapability.TryRead(image, entry, out PowerManagementCapability? power))
            FuzzViolationException.Require(power.State is >= 0 and <= 3 && power.StateName.Length > 0, "a power state exists");
        if (VendorCapability.TryRead(image, entry, out VendorCapability? vendor))
            FuzzViolationException.Require(vendor.Length <= entry.Extent && vendor.Content.Length == vendor.Length - 3, "a vendor's capability fits");
        if (VendorSpecificCapability.TryRead(image, entry, out VendorSpecificCapability? vsec))
            FuzzViolationException.Require(vsec.Length <= entry.Extent && vsec.Content.Length == vsec.Length - 8, "a VSEC fits");
        if (DesignatedVendorCapability.TryRead(image, entry, out DesignatedVendorCapability? dvsec))
            FuzzViolationException.Require(dvsec.Length <= entry.Extent && dvsec.Content.Length == dvsec.Length - 10, "a DVSEC fits");
        if (DeviceSerialNumber.TryRead(image, entry, out DeviceSerialNumber? serial)) FuzzViolationException.Require(serial.ToString().Length == 23, "a serial number is eight bytes");
    }

    private static void Put(byte[] image, int offset, params ReadOnlySpan<byte> bytes) => bytes.CopyTo(image.AsSpan(offset));
}
