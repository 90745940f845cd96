// SPDX-License-Identifier: Apache-2.0
namespace Busbar.ControlPlane;

/// <summary>How bad something is.</summary>
public enum NoteSeverity
{
    /// <summary>Every query and its answer, for those who look for a mistake.</summary>
    Debug,

    /// <summary>Normal work: an EID was assigned, a link came.</summary>
    Information,

    /// <summary>A peer misbehaves, or something could not be done.</summary>
    Warning,
}
