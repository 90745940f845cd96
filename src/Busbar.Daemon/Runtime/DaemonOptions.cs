// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;

namespace Busbar.Daemon;

/// <summary>What a daemon is told besides its configuration.</summary>
public sealed record DaemonOptions
{
    /// <summary>True to behave as mctpd: the kernel's MCTP, D-Bus, no sockets of ours, and no start without an interface or without a bus.</summary>
    public bool IsMctpd { get; init; }

    /// <summary>Reads the configuration anew, for those who ask for it over the socket; null when there is no file.</summary>
    public Func<DaemonConfiguration>? Reread { get; init; }

    /// <summary>Hears of a configuration that was read again and applied, in the loop's thread.</summary>
    public Action<DaemonConfiguration> Reloaded { get; init; } = static _ => { };

    /// <summary>Takes lines for people, in the loop's thread.</summary>
    public Action<ControlNote> Note { get; init; } = static _ => { };

    /// <summary>Version of the program.</summary>
    public string Version { get; init; } = "0.0.0";
}
