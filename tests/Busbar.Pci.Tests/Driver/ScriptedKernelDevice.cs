// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Memory;

namespace Busbar.Pci.Tests;

/// <summary>What the kernel's ways to a device share, on a configuration space that a test writes.</summary>
internal sealed class ScriptedKernelDevice(byte[] config) : KernelPciDevice
{
    public override string Name => "0000:00:04.0";

    public override string Backend => "scripted";

    public override IPciConfigSpace Config { get; } = new Space(config);

    public override bool CanDma => false;

    public override bool CanReset => OnReset is not null;

    public override bool HasFailed => IsFailed;

    /// <summary>What the platform reported.</summary>
    public bool IsFailed { get; set; }

    /// <summary>What a reset does; null when the function has none.</summary>
    public Action? OnReset { get; set; }

    /// <summary>How often the interrupts were asked back, and whether a reset was seen then.</summary>
    public List<bool> Restored { get; } = [];

    public override int GetInterruptCount(PciInterruptKind kind) => 0;

    public override void DisableInterrupts()
    {
    }

    public override DmaMemory AllocateDma(int length) => throw new NotSupportedException();

    protected override PciBar DescribeBar(int index) => new(index, index == 0 ? 4096 : 0, IsIo: false, Is64Bit: false, IsPrefetchable: false, IsMappable: true);

    protected override SharedRegion MapWindow(PciBar bar, RegionAccess access, long offset, int length) => SharedRegion.Allocate(length, access);

    protected override IReadOnlyList<PciInterrupt> Arm(PciInterruptKind kind, int count) => [];

    protected override bool RestoreInterrupts(bool wasReset)
    {
        Restored.Add(wasReset);
        return false;
    }

    protected override void ResetFunction() => OnReset!();

    protected override void ForgetFailure() => IsFailed = false;

    protected override void Close()
    {
    }

    private sealed class Space(byte[] bytes) : ConfigSpaceBytes
    {
        public override int Length => bytes.Length;

        private protected override void ReadBytes(int offset, Span<byte> buffer) => bytes.AsSpan(offset, buffer.Length).CopyTo(buffer);

        private protected override void WriteBytes(int offset, ReadOnlySpan<byte> buffer) => buffer.CopyTo(bytes.AsSpan(offset));
    }
}
