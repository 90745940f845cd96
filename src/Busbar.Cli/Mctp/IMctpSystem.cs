// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;

namespace Busbar.Cli;

/// <summary>What the <c>mctp</c> program acts on: the kernel, or a stand-in for it.</summary>
internal interface IMctpSystem : IDisposable
{
    /// <summary>Links, EIDs, routes and neighbours.</summary>
    IMctpConfiguration Configuration { get; }

    /// <summary>Has every netlink datagram handed out that answers a question from now on.</summary>
    void TraceTo(NetlinkMessageHandler trace);

    /// <summary>Hands out what the kernel announces about links and EIDs, until it is stopped or the process ends.</summary>
    /// <param name="announced">Gets each datagram.</param>
    /// <param name="listening">Called once when nothing that happens from then on is missed.</param>
    /// <param name="lost">Called when announcements were lost, because they came faster than they were read.</param>
    /// <param name="stop">Ends it.</param>
    void Watch(NetlinkMessageHandler announced, Action? listening = null, Action? lost = null, CancellationToken stop = default);

    /// <summary>Gives a terminal the MCTP line discipline and keeps it until the process ends.</summary>
    /// <param name="path">The terminal's path.</param>
    void HoldSerial(string path);
}
