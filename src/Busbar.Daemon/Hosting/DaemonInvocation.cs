// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>How a daemon was asked for on the command line.</summary>
public sealed record DaemonInvocation
{
    /// <summary>The name in front of messages.</summary>
    public required string Program { get; init; }

    /// <summary>The configuration.</summary>
    public required DaemonConfiguration Configuration { get; init; }

    /// <summary>Which keys its file may have.</summary>
    public ConfigurationDialect Dialect { get; init; } = ConfigurationDialect.Busbar;

    /// <summary>Whether every query is logged.</summary>
    public bool IsVerbose { get; init; }

    /// <summary>True to behave as mctpd.</summary>
    public bool IsMctpd { get; init; }

    /// <summary>Changes of the command line to what the file says; also after a reload.</summary>
    public Func<DaemonConfiguration, DaemonConfiguration> Override { get; init; } = static configuration => configuration;
}
