// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;

namespace Busbar.Cli;

/// <summary>The MCTP of a daemon.</summary>
internal sealed class DaemonSession : ISystemSession
{
    public IMctpConfiguration Configuration => throw new NotSupportedException();

    public string Name => "daemon";

    public static DaemonSession Open(string? socket) => throw new HostException(HostError.Unreachable, $"no daemon at {socket}");

    public string? RoleOf(int link) => null;

    public void Dispose()
    {
    }
}
