// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.Pci;

/// <summary>The configuration space as VFIO shows it: identifiers, BARs and interrupt registers are the kernel's, the rest is the device's.</summary>
internal sealed class VfioConfigSpace(VfioDevice device, VfioRegion region, string name) : ConfigSpaceBytes
{
    public override int Length => (int)Math.Min(region.Length, PciConfigRegisters.ExtendedLength);

    private protected override void ReadBytes(int offset, Span<byte> buffer)
    {
        if (!device.TryRead(region, offset, buffer)) throw PciFailure.NoAnswer(name, offset, "reading");
    }

    private protected override void WriteBytes(int offset, ReadOnlySpan<byte> buffer)
    {
        if (!device.TryWrite(region, offset, buffer)) throw PciFailure.NoAnswer(name, offset, "writing");
    }
}
