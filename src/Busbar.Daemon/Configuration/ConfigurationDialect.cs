// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>Which keys a configuration file may have.</summary>
public enum ConfigurationDialect
{
    /// <summary>Those of mctpd.conf alone.</summary>
    Mctpd,

    /// <summary>Those of mctpd.conf, and Busbar's own.</summary>
    Busbar,
}
