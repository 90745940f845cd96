// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Daemon;

/// <summary>Which bus a daemon offers its objects on.</summary>
public enum DbusChoice
{
    /// <summary>The system bus; the session bus when DBUS_STARTER_BUS_TYPE says so.</summary>
    System,

    /// <summary>The session bus.</summary>
    Session,

    /// <summary>A bus by address.</summary>
    Address,

    /// <summary>No bus.</summary>
    None,
}
