// SPDX-License-Identifier: Apache-2.0
using Busbar.Pci;

namespace Busbar.Cli;

/// <summary>A decoded configuration space as rows of text.</summary>
internal static class PciRows
{
    private const int LongestContent = 16;

    public static IEnumerable<FieldRow> Header(PciHeader header)
    {
        yield return new FieldRow("vendor", $"0x{header.VendorId:x4}", header.IsPresent ? string.Empty : "nobody answers");
        yield return new FieldRow("device", $"0x{header.DeviceId:x4}", string.Empty);
        yield return new FieldRow("command", $"0x{(ushort)header.Command:x4}", Words(header.Command));
        yield return new FieldRow("status", $"0x{(ushort)header.Status:x4}", Words(header.Status));
        yield return new FieldRow("revision", $"0x{header.Revision:x2}", string.Empty);
        yield return new FieldRow("class", $"0x{header.ClassCode:x6}", PciNames.Kind(header.VendorId, header.DeviceId, header.ClassCode));
        string layout = header.Layout switch { 0 => "function", 1 => "bridge", _ => "unknown layout" };
        yield return new FieldRow("header type", $"0x{header.Layout | (header.IsMultiFunction ? 0x80 : 0):x2}", layout + (header.IsMultiFunction ? ", multi-function" : string.Empty));
        if (header.Layout == 0) yield return new FieldRow("subsystem", $"{header.SubsystemVendorId:x4}:{header.SubsystemId:x4}", string.Empty);
        yield return new FieldRow(
            "interrupt",
            $"0x{header.InterruptPin:x2}",
            header.InterruptPin switch { 0 => "no pin", <= 4 => $"pin INT{(char)('A' + header.InterruptPin - 1)}, line {header.InterruptLine}", _ => "no such pin" });
    }

    public static IEnumerable<PciBarRow> Bars(PciConfigImage image, IReadOnlyList<PciResource> resources)
    {
        foreach (PciBarRegister register in PciBarRegister.ReadAll(image))
        {
            PciResource? resource = resources.FirstOrDefault(known => known.Index == register.Index);
            if (resource is null && register.Raw == 0) continue;
            string kind = register.IsIo ? "io" : register.Is64Bit ? "memory64" : "memory32";
            ulong address = register.Address != 0 ? register.Address : resource is { IsAssigned: true } ? resource.Start : 0;
            yield return new PciBarRow(register.Index, kind, register.IsPrefetchable, address == 0 ? null : $"0x{address:x}", resource?.Length);
        }
    }

    public static IEnumerable<PciCapabilityRow> Capabilities(PciConfigImage image, PciCapabilityLists lists) =>
        from entry in lists.All
        let details = Details(image, entry)
        let known = HasDecoder(entry)
        select new PciCapabilityRow(
            entry.IsExtended ? $"0x{entry.Offset:x3}" : $"0x{entry.Offset:x2}",
            entry.IsExtended ? $"0x{entry.Id:x4}" : $"0x{entry.Id:x2}",
            entry.IsExtended,
            PciNames.Capability(entry),
            details,
            known ? details is not null : null);

    /// <summary>What is wrong with where MSI-X says that its table and its pending bits are; nothing where the windows are not known.</summary>
    public static IEnumerable<string> MsixFaults(PciConfigImage image, PciCapabilityLists lists, IReadOnlyList<PciResource> resources)
    {
        if (resources.Count == 0 || lists.Find(PciCapabilityId.Msix) is not { } entry || !MsixCapability.TryRead(image, entry, out MsixCapability? msix)) yield break;
        foreach ((string what, int bar, uint offset, int length) in new[]
        {
            ("table", msix.TableBar, msix.TableOffset, msix.TableLength), ("pending bits", msix.PendingBar, msix.PendingOffset, (msix.VectorCount + 63) / 64 * sizeof(ulong)),
        })
        {
            PciResource? window = resources.FirstOrDefault(known => known.Index == bar && bar < PciConfigRegisters.BarCount && !known.IsIo);
            if (window is null || offset + (long)length > window.Length) yield return $"msix {what}: BAR {bar} + 0x{offset:x} and 0x{length:x} bytes from there, leaves its memory window";
        }
    }

    private static bool HasDecoder(PciCapability entry) => entry.IsExtended
        ? (PciExtendedCapabilityId)entry.Id
            is PciExtendedCapabilityId.DeviceSerialNumber or PciExtendedCapabilityId.VendorSpecific or PciExtendedCapabilityId.DesignatedVendor
        : (PciCapabilityId)entry.Id
            is PciCapabilityId.Msi or PciCapabilityId.Msix or PciCapabilityId.PciExpress or PciCapabilityId.PowerManagement or PciCapabilityId.Vendor;

    private static string? Details(PciConfigImage image, PciCapability entry)
    {
        if (MsiCapability.TryRead(image, entry, out MsiCapability? msi))
        {
            return $"{State(msi.IsEnabled)}, {msi.VectorsGranted} of {Vectors(msi.VectorsOffered)}, {(msi.Is64Bit ? "64" : "32")}-bit"
                + (msi.HasMasks ? $", mask 0x{msi.Mask:x8}, pending 0x{msi.Pending:x8}" : string.Empty);
        }

        if (MsixCapability.TryRead(image, entry, out MsixCapability? msix))
        {
            return $"{State(msix.IsEnabled)}{(msix.IsMasked ? ", masked" : string.Empty)}, {Vectors(msix.VectorCount)}, "
                + $"table BAR {msix.TableBar} + 0x{msix.TableOffset:x}, pending BAR {msix.PendingBar} + 0x{msix.PendingOffset:x}";
        }

        if (PcieCapability.TryRead(image, entry, out PcieCapability? pcie))
        {
            return $"version {pcie.Version}, {pcie.PortTypeName}, payload {pcie.MaxPayload} of {pcie.MaxPayloadOffered}, read request {pcie.MaxReadRequest}"
                + (pcie.HasFunctionReset ? ", function-level reset" : string.Empty)
                + (pcie.MaxLinkWidth > 0 ? $", link gen {pcie.LinkSpeed} x{pcie.LinkWidth} of gen {pcie.MaxLinkSpeed} x{pcie.MaxLinkWidth}" : string.Empty);
        }

        if (PowerManagementCapability.TryRead(image, entry, out PowerManagementCapability? power))
        {
            return $"version {power.Version}, {power.StateName}{(power.KeepsState ? ", D3hot keeps state" : string.Empty)}";
        }

        if (VendorCapability.TryRead(image, entry, out VendorCapability? vendor)) return $"{vendor.Length} bytes: {Content(vendor.Content)}";
        if (DeviceSerialNumber.TryRead(image, entry, out DeviceSerialNumber? serial)) return serial.ToString();
        if (VendorSpecificCapability.TryRead(image, entry, out VendorSpecificCapability? vsec))
        {
            return $"id 0x{vsec.Id:x4}, revision {vsec.Revision}, {vsec.Length} bytes: {Content(vsec.Content)}";
        }

        return DesignatedVendorCapability.TryRead(image, entry, out DesignatedVendorCapability? dvsec)
            ? $"vendor 0x{dvsec.VendorId:x4}, id 0x{dvsec.Id:x4}, revision {dvsec.Revision}, {dvsec.Length} bytes: {Content(dvsec.Content)}"
            : null;
    }

    private static string Vectors(int count) => count == 1 ? "1 vector" : $"{count} vectors";

    private static string State(bool isEnabled) => isEnabled ? "enabled" : "disabled";

    private static string Content(ReadOnlyMemory<byte> content) =>
        Hex.Format(content.Span[..Math.Min(content.Length, LongestContent)]) + (content.Length > LongestContent ? " ..." : string.Empty);

    private static string Words<T>(T bits)
        where T : struct, Enum
    {
        string text = bits.ToString();
        return char.IsDigit(text[0]) || text == "None" ? string.Empty : string.Join(", ", text.Split(", ").Select(Names.Snake)).Replace('_', ' ');
    }
}
