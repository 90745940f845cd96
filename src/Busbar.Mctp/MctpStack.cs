// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>The MCTP core. (Contract only in this commit.)</summary>
public sealed class MctpStack
{
    internal void Receive(MctpLink link, MctpHeader header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second, ref PollContext context)
    {
        link.Statistics.PacketsReceived++;
    }

    internal void LinkStateChanged(MctpLink link, long now)
    {
        link.Attach(this, link.Index, link.Network);
    }
}
