// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node.Tests;

/// <summary>Puts one end of a <see cref="PairLink"/> on a node; there is nothing to sleep on.</summary>
internal sealed class PairAttachment : LinkAttachment
{
    private readonly PairLink _link;
    private readonly WaitStrategy _wait;

    public PairAttachment(PairLink link, WaitStrategy wait = WaitStrategy.Block)
    {
        _link = link;
        _wait = wait;
    }

    public override MctpLink Link => _link;

    public override WaitStrategy Wait => _wait;

    public override string Description => _link.Name;

    internal override long NextDeadline => long.MaxValue;

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
