// SPDX-License-Identifier: Apache-2.0
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>Sockets of a node of this process.</summary>
public sealed class InProcessSocketTests : SocketContract
{
    protected override IMctpSocketSource CreateSource(MctpNode node) => node;
}
