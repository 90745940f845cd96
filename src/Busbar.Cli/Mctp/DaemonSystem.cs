// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Node;

namespace Busbar.Cli;

/// <summary>The MCTP of a Busbar daemon in the place of the kernel's, so that scripts written for mctp(1) run where the kernel has none.</summary>
internal sealed class DaemonSystem : IMctpSystem
{
    private readonly RemoteAdministration _daemon;

    private DaemonSystem(RemoteAdministration daemon) => _daemon = daemon;

    public IMctpConfiguration Configuration => _daemon;

    /// <summary>Connects to the usual daemon, or to the one that the environment names.</summary>
    public static IMctpSystem Open() => new DaemonSystem(RemoteAdministration.Connect());

    public void TraceTo(NetlinkMessageHandler trace)
    {
        // There is no netlink to show.
    }

    public void Watch(NetlinkMessageHandler announced, Action? listening = null, Action? lost = null, CancellationToken stop = default) =>
        throw new HostException(HostError.NotSupported, "a daemon announces nothing by netlink; 'busbar monitor' shows its changes");

    public void HoldSerial(string path) =>
        throw new HostException(HostError.NotSupported, $"a daemon's links are named in its configuration; add a [[link]] with \"serial:{path}\" there");

    public void Dispose() => _daemon.Dispose();
}
