// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>The MCTP of a daemon.</summary>
internal sealed class DaemonSession : ISystemSession
{
    private Dictionary<int, string>? _roles;

    private DaemonSession(RemoteAdministration daemon) => Daemon = daemon;

    /// <summary>The daemon.</summary>
    public RemoteAdministration Daemon { get; }

    public IMctpConfiguration Configuration => Daemon;

    public string Name => Daemon.SocketPath;

    /// <summary>Connects to a daemon.</summary>
    /// <param name="socket">Its socket; null for the usual one.</param>
    public static DaemonSession Open(string? socket) => new(RemoteAdministration.Connect(socket));

    public string? RoleOf(int link)
    {
        _roles ??= Daemon.LinkReports().ToDictionary(report => report.Index, report => Names.Role(report.Role));
        return _roles.GetValueOrDefault(link);
    }

    public void Dispose() => Daemon.Dispose();
}
