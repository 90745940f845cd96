// SPDX-License-Identifier: Apache-2.0
using Busbar.Memory;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>One end of a channel with what it received and what it reported.</summary>
internal sealed class ChannelEnd
{
    public ChannelEnd(SharedRegion window, MmbiChannelOptions options)
    {
        Channel = new MmbiChannel(window, options);
        Channel.Transition += Events.Add;
    }

    public MmbiChannel Channel { get; }

    public List<MmbiEvent> Events { get; } = [];

    public List<byte[]> Received { get; } = [];

    /// <summary>True when received packets are only counted, for runs without allocation.</summary>
    public bool Discards { get; init; }

    public bool IsUp => Channel.IsUp;

    public IEnumerable<byte> StatesSeen => Events.Select(change => change.New.Code);

    /// <summary>One turn: state machine, then everything that waits.</summary>
    public void Poll(long now)
    {
        Channel.Poll(now);
        while (Channel.TryReceive(out MmbiPacket packet))
        {
            if (packet.Type != MmbiPacketType.Mctp)
            {
                Channel.Skip(packet.Type);
                continue;
            }

            if (!Discards) Received.Add([.. packet.First, .. packet.Second]);
            Channel.Advance();
        }
    }

    /// <summary>Stages and publishes one packet. The first byte becomes 1, the version of an MCTP header.</summary>
    public bool Send(params byte[] payload)
    {
        if (!Channel.TryReserve(payload.Length, MmbiPacketType.Mctp, out MmbiSlot slot)) return false;
        slot.Append(payload);
        Channel.Flush();
        return true;
    }

    /// <summary>A payload of a length that tells its serial number.</summary>
    public static byte[] Payload(int serial, int length)
    {
        Assert.InRange(length, 5, int.MaxValue);
        byte[] bytes = new byte[length];
        bytes[0] = 1;
        BitConverter.TryWriteBytes(bytes.AsSpan(1), serial);
        for (int i = 5; i < length; i++) bytes[i] = (byte)(serial + i);
        return bytes;
    }
}
