// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>What a look at a listening socket brought.</summary>
public enum AcceptResult
{
    /// <summary>A connection.</summary>
    Accepted,

    /// <summary>Nobody is waiting.</summary>
    Empty,

    /// <summary>No descriptor was free; the waiting connection was closed so that its owner notices.</summary>
    Shed,

    /// <summary>No descriptor was free, and the waiting connection could not even be closed: look again later, not at once.</summary>
    Exhausted,
}
