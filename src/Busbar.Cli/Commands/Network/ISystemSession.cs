// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;

namespace Busbar.Cli;

/// <summary>An MCTP system that a command acts on.</summary>
internal interface ISystemSession : IDisposable
{
    /// <summary>Links, EIDs, routes and neighbours.</summary>
    IMctpConfiguration Configuration { get; }

    /// <summary>What it is, for reports: <c>kernel</c>, or the daemon's socket.</summary>
    string Name { get; }

    /// <summary>Our part on a link, in lower case; null where the system has no notion of it.</summary>
    string? RoleOf(int link);
}
