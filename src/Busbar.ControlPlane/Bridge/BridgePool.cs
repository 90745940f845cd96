// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>The pool that a bus owner above us gave us for a network.</summary>
/// <param name="Pool">Its range.</param>
/// <param name="Link">The link that it was allocated over; the first bus wins.</param>
internal sealed record BridgePool(EidPool Pool, int Link);
