// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane;

/// <summary>What became of a set-up, an assignment or a look.</summary>
/// <param name="Eid">The endpoint's EID.</param>
/// <param name="Network">Its network.</param>
/// <param name="IsNew">True when the endpoint was not known before (for a look: when it was found).</param>
/// <param name="Pool">What the bridge hands out behind it; null when it is no bridge or got nothing.</param>
public readonly record struct SetupOutcome(Eid Eid, uint Network, bool IsNew, EidPool? Pool = null);
