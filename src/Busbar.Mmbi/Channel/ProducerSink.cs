// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Mmbi;

/// <summary>Puts the packets of a message into a ring, without a virtual call for each.</summary>
internal readonly struct ProducerSink(MmbiProducer producer, MmbiStatistics statistics) : IPacketSink
{
    public bool Write(MctpHeader header, scoped ReadOnlySpan<byte> first, scoped ReadOnlySpan<byte> second)
    {
        if (!producer.TryWrite(MmbiPacketType.Mctp, header.Raw, first, second)) return false;
        statistics.PacketsSent++;
        statistics.BytesSent += MctpHeader.Size + first.Length + second.Length;
        return true;
    }
}
