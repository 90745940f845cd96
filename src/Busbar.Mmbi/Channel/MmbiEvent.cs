// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mmbi;

/// <summary>One observed transition of an instance.</summary>
/// <param name="Now">Monotonic milliseconds.</param>
/// <param name="Instance">The instance, from 0.</param>
/// <param name="Role">Our role.</param>
/// <param name="Old">The state before.</param>
/// <param name="New">The state after; the same for events that are not transitions, such as a rejected descriptor.</param>
/// <param name="Phase">What we do next.</param>
/// <param name="Reason">Why.</param>
public readonly record struct MmbiEvent(
    long Now,
    int Instance,
    MmbiRole Role,
    MmbiState Old,
    MmbiState New,
    MmbiPhase Phase,
    MmbiReason Reason)
{
    /// <summary>For people: <c>owner: 0x8 INIT_COMPLETED -> 0xA NORMAL_RUNTIME (Initialisation)</c>.</summary>
    public override string ToString() => $"{(Role == MmbiRole.Owner ? "owner" : "discoverer")}: {Old} -> {New} ({Reason})";
}
