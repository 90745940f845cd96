// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>A contiguous range of EIDs that a bridge hands out behind it.</summary>
/// <param name="First">First EID.</param>
/// <param name="Count">How many, at least 1.</param>
public readonly record struct EidPool(Eid First, int Count)
{
    /// <summary>The last EID of the pool.</summary>
    public Eid Last => new((byte)(First.Value + Count - 1));

    /// <summary>Whether an EID is one of the pool's.</summary>
    /// <param name="eid">The EID.</param>
    public bool Contains(Eid eid) => eid.Value >= First.Value && eid.Value < First.Value + Count;

    /// <summary>Whether two pools share an EID.</summary>
    /// <param name="other">The other pool.</param>
    public bool Overlaps(EidPool other) => First.Value < other.First.Value + other.Count && other.First.Value < First.Value + Count;
}
