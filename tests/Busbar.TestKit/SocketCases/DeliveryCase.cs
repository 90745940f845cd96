// SPDX-License-Identifier: Apache-2.0
namespace Busbar.TestKit;

/// <summary>Packets to a socket that is bound to type 1, and the messages that it gets.</summary>
/// <param name="Name">What the case is about.</param>
/// <param name="Packets">Packets as they arrive, header first.</param>
/// <param name="Messages">Bodies without their type byte, in order, as DSP0236 wants it.</param>
public sealed record DeliveryCase(string Name, IReadOnlyList<byte[]> Packets, IReadOnlyList<byte[]> Messages)
{
    /// <summary>What a socket of Linux gets instead; null when it is the same.</summary>
    public IReadOnlyList<byte[]>? KernelMessages { get; init; }

    /// <inheritdoc/>
    public override string ToString() => Name;
}
