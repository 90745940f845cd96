// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>How a daemon shows itself on D-Bus.</summary>
public sealed record DbusOptions
{
    /// <summary>Which bus. <see cref="DbusChoice.System"/> gives way to the session's bus when the environment's DBUS_STARTER_BUS_TYPE is "user" or "session".</summary>
    public DbusChoice Bus { get; init; }

    /// <summary>The bus for <see cref="DbusChoice.Address"/>, for instance <c>unix:path=/run/dbus/system_bus_socket</c>.</summary>
    public string? Address { get; init; }

    /// <summary>
    /// Shows NetworkId of endpoints as a signed number (D-Bus type i), as mctpd did before its version 2.0. Old clients, such as libnvme's scan, take nothing else; newer ones
    /// want the unsigned number of the default.
    /// </summary>
    public bool NetworkIdAsInt32 { get; init; }

    /// <summary>How often a bus that went is looked for.</summary>
    public TimeSpan Retry { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What lies below: "user" for our own stack, "kernel" for the kernel's; shown to people.</summary>
    public string Backend { get; init; } = "user";

    /// <summary>Version of the program; shown to people.</summary>
    public string Version { get; init; } = "";

    /// <summary>The counters of a link; null where the system does not count. Asked whenever somebody reads them.</summary>
    public Func<ManagedLink, LinkStatistics?> CountersOf { get; init; } = static _ => null;
}
