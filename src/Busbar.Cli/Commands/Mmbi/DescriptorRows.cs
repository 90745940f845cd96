// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;

namespace Busbar.Cli;

/// <summary>A capability descriptor as rows for people, in wire order.</summary>
internal static class DescriptorRows
{
    public static IEnumerable<FieldRow> Of(MmbiDescriptor descriptor, MmbiDialect dialect)
    {
        yield return new FieldRow("SIGNATURE", "#MMBI$", "a published descriptor");
        yield return new FieldRow("VERSION", $"{descriptor.Version}", descriptor.Version switch { 1 => "DSP0282 1.0", 2 => "DSP0282 1.1", _ => "unknown" });
        yield return new FieldRow("OS_USE", descriptor.IsForOperatingSystem ? "1" : "0", descriptor.IsForOperatingSystem ? "for the operating system" : "not for the operating system");
        for (int k = 0; k < descriptor.Instances.Count; k++)
        {
            MmbiInstance instance = descriptor.Instances[k];
            string of = descriptor.Instances.Count == 1 ? string.Empty : $"[{k}]";
            yield return Address($"B2H_BA{of}", instance.OwnerToHost.Start, "owner-to-host ring");
            yield return Address($"H2B_BA{of}", instance.HostToOwner.Start, "host-to-owner ring");
            yield return new FieldRow($"B2H_L{of}", $"0x{instance.OwnerToHost.Length:x}", $"{instance.OwnerToHost.Length} bytes");
            yield return new FieldRow($"H2B_L{of}", $"0x{instance.HostToOwner.Length:x}", $"{instance.HostToOwner.Length} bytes");
            yield return new FieldRow($"BUF_T{of}", $"{instance.BufferType}", instance.BufferType == MmbiInstance.CircularBuffer ? "variable packet size circular buffer" : "unknown");
            yield return Address($"H_ROS_P{of}", instance.Ros, "Host_ROS");
            yield return Address($"H_RWS_P{of}", instance.Rws, "Host_RWS");
        }

        MmbiInterrupts interrupts = descriptor.Interrupts;
        yield return new FieldRow("H_INT_T", $"{(byte)interrupts.HostType}", HostInterrupt(interrupts.HostType));
        yield return new FieldRow("H_INT_L", $"0x{interrupts.HostLocation:x2}", "message or virtual-wire index");
        yield return new FieldRow("H_INT_V", $"0x{interrupts.HostValue:x2}", "virtual-wire data");
        yield return new FieldRow("BMC_INT_T", $"{(byte)interrupts.OwnerType}", OwnerInterrupt(interrupts.OwnerType));
        long location = interrupts.OwnerLocation ?? 0;
        yield return interrupts.OwnerType == MmbiOwnerInterrupt.ByteWrite
            ? Address("BMC_INT_L", location, "doorbell byte")
            : new FieldRow("BMC_INT_L", $"0x{location:x}", "unused");
        yield return new FieldRow("BMC_INT_V", $"0x{interrupts.OwnerValue:x2}", interrupts.OwnerType == MmbiOwnerInterrupt.ByteWrite ? "value to write" : "unused");

        FieldRow Address(string field, long offset, string what) =>
            new(field, $"0x{offset / dialect.AddressUnit:x}", dialect.AddressUnit == 1 ? $"{what} at byte {offset}" : $"{what} at byte {offset} (unit {dialect.AddressUnit})");
    }

    private static string HostInterrupt(MmbiHostInterrupt type) => type switch
    {
        MmbiHostInterrupt.None => "none, the host polls",
        MmbiHostInterrupt.Pcie => "PCIe interrupt",
        MmbiHostInterrupt.Pin => "pin",
        MmbiHostInterrupt.VirtualWire => "eSPI virtual wire",
        _ => "reserved",
    };

    private static string OwnerInterrupt(MmbiOwnerInterrupt type) => type switch
    {
        MmbiOwnerInterrupt.None => "none, or hardware watches the pointers",
        MmbiOwnerInterrupt.ByteWrite => "the host writes a byte",
        MmbiOwnerInterrupt.InBand => "the bus's own way",
        _ => "reserved",
    };
}
