// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon.Tests;

/// <summary>Puts one end of a <see cref="PairLink"/> on a node. It has no doorbell, so whoever sleeps looks every millisecond.</summary>
internal sealed class PollingAttachment : LinkAttachment
{
    private readonly PairLink _link;

    public PollingAttachment(PairLink link) => _link = link;

    public override MctpLink Link => _link;

    public override WaitStrategy Wait => WaitStrategy.Block;

    public override string Description => _link.Name;

    internal override long NextDeadline => MctpNode.Now + 1;

    internal override void CollectDescriptors(List<FileDescriptor> descriptors)
    {
    }

    internal override void OnReady(FileDescriptor descriptor, long now)
    {
    }

    internal override void Service(long now)
    {
    }

    internal override void Stop(long now) => _link.Close(now);

    protected override void Dispose(bool disposing)
    {
    }
}
