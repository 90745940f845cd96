// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Registers that <c>busbar pci read</c> or <c>write</c> touched.</summary>
internal sealed record PciAccessReport
{
    public required string Address { get; init; }

    public required string Backend { get; init; }

    public required int Bar { get; init; }

    /// <summary>Bits of an access.</summary>
    public required int Width { get; init; }

    public required IReadOnlyList<PciRegisterValue> Values { get; init; }

    /// <summary>What went otherwise than usual, a line each; absent when nothing did.</summary>
    public IReadOnlyList<string>? Notes { get; init; }
}
