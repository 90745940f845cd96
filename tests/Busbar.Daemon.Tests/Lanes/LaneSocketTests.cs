// SPDX-License-Identifier: Apache-2.0
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>Sockets of a node behind a daemon's socket.</summary>
public sealed class LaneSocketTests : SocketContract
{
    private LaneServer? _server;

    protected override IMctpSocketSource CreateSource(MctpNode node)
    {
        _server = new LaneServer(node);
        return DaemonMctp.Open(_server.Path);
    }

    protected override void Dispose(bool disposing)
    {
        _server?.Dispose();
        base.Dispose(disposing);
    }
}
