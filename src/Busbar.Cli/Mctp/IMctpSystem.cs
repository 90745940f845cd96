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

    /// <summary>Hands out what the kernel announces about links and EIDs, until the process ends.</summary>
    void Watch(NetlinkMessageHandler announced);

    /// <summary>Gives a terminal the MCTP line discipline and keeps it until the process ends.</summary>
    /// <param name="path">The terminal's path.</param>
    void HoldSerial(string path);
}
