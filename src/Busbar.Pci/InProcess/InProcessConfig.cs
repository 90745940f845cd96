// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Pci;

/// <summary>The configuration space of a function in the same process.</summary>
internal sealed class InProcessConfig(IPciFunction function) : ConfigSpaceBytes
{
    public override int Length => function.ConfigLength;

    private protected override void ReadBytes(int offset, Span<byte> buffer) => function.ReadConfig(offset, buffer);

    private protected override void WriteBytes(int offset, ReadOnlySpan<byte> buffer) => function.WriteConfig(offset, buffer);
}
