// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>Whether an endpoint answers.</summary>
public enum Connectivity
{
    /// <summary>It answered last time.</summary>
    Available,

    /// <summary>It was reported silent, and recovery has not ended yet.</summary>
    Degraded,
}
