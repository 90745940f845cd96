// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane.Tests;

/// <summary>What a medium does to packets. Those of one station to another stay in order; between stations, delays reorder them.</summary>
/// <param name="LossPercent">Packets that vanish.</param>
/// <param name="DuplicatePercent">Packets that come twice.</param>
/// <param name="MaximumDelay">Milliseconds on the way at most.</param>
internal sealed record MediumFaults(int LossPercent = 0, int DuplicatePercent = 0, int MaximumDelay = 0);
