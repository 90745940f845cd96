// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Node;

/// <summary>A <see cref="ControlPlane.SetupOutcome"/> on the socket.</summary>
internal sealed record OutcomeReport
{
    public uint Network { get; init; }

    public int Eid { get; init; }

    public bool IsNew { get; init; }

    public PoolReport? Pool { get; init; }
}
