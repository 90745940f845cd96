// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Linux.Tests;

/// <summary>What the kernel's messages mean, and that broken ones mean nothing.</summary>
public sealed class MctpNetlinkAnswerTests
{
    private readonly byte[] _buffer = new byte[256];

    [Fact]
    public void Address_AsWritten_IsReadBack()
    {
        ReadOnlySpan<byte> message = MctpNetlinkMessages.Address(_buffer, 7, new NetlinkAddress(4, 20), add: true);

        Assert.True(MctpNetlinkAnswers.TryReadAddress(Payload(message), out NetlinkAddress address));
        Assert.Equal(new NetlinkAddress(4, 20), address);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Route_AsWritten_IsReadBack(bool byGateway)
    {
        NetlinkRoute route = byGateway
            ? new NetlinkRoute { First = 50, Last = 53, Gateway = 9, GatewayNetwork = 3, Kind = 1 }
            : new NetlinkRoute { First = 9, Last = 254, Interface = 5, Mtu = 68, Kind = 1 };
        ReadOnlySpan<byte> message = MctpNetlinkMessages.Route(_buffer, 7, route, add: true);

        Assert.True(MctpNetlinkAnswers.TryReadRoute(Payload(message), out NetlinkRoute read));
        Assert.Equal(route, read);
    }

    [Fact]
    public void Neighbour_AsWritten_IsReadBack()
    {
        ReadOnlySpan<byte> message = MctpNetlinkMessages.Neighbour(_buffer, 7, new NetlinkNeighbour(3, 9, new byte[] { 1, 2, 3, 4, 5, 6 }), add: true);

        Assert.True(MctpNetlinkAnswers.TryReadNeighbour(Payload(message), out NetlinkNeighbour neighbour));
        Assert.Equal((3, (byte)9), (neighbour.Interface, neighbour.Eid));
        Assert.Equal(new byte[] { 1, 2, 3, 4, 5, 6 }, neighbour.HardwareAddress.ToArray());
    }

    [Fact]
    public void Link_WithEverything_IsReadWhole()
    {
        var message = new NetlinkWriter(_buffer, Rtnetlink.RTM_NEWLINK, 0, 1);
        Span<byte> body = message.Body(Rtnetlink.InterfaceMessage);
        BitConverter.TryWriteBytes(body[4..], 6);
        BitConverter.TryWriteBytes(body[8..], Rtnetlink.IFF_UP | Rtnetlink.IFF_LOWER_UP);
        message.Add(Rtnetlink.IFLA_IFNAME, "mctp0\0"u8);
        message.Add(Rtnetlink.IFLA_MTU, 68u);
        message.Add(Rtnetlink.IFLA_TXQLEN, 1100u);
        message.Add(Rtnetlink.IFLA_CARRIER, (byte)0);
        int all = message.Open(Rtnetlink.IFLA_AF_SPEC);
        int mctp = message.Open(NativeNetwork.AF_MCTP);
        message.Add(Rtnetlink.IFLA_MCTP_NET, 3u);
        message.Add(Rtnetlink.IFLA_MCTP_PHYS_BINDING, (byte)5);
        message.Close(mctp);
        message.Close(all);

        Assert.True(MctpNetlinkAnswers.TryReadLink(Payload(message.Finish()), out NetlinkLink link));
        Assert.Equal(new NetlinkLink { Index = 6, Name = "mctp0", Mtu = 68, QueueLength = 1100, IsUp = true, HasCarrier = false, Network = 3, Binding = 5 }, link);
    }

    [Fact]
    public void Error_WithWords_GivesBoth()
    {
        byte[] header = new byte[NetlinkWriter.HeaderSize];
        byte[] words = [14, 0, 1, 0, .. "no mctp\0\0\0"u8];
        byte[] payload = [.. BitConverter.GetBytes(-22), .. header, .. words];

        Errno errno = MctpNetlinkAnswers.ReadError(payload, Rtnetlink.NLM_F_CAPPED | Rtnetlink.NLM_F_ACK_TLVS, out string? text);

        Assert.Equal(Errno.EINVAL, errno);
        Assert.Equal("no mctp", text);
    }

    [Theory]
    [InlineData(0, Errno.None)]
    [InlineData(-17, Errno.EEXIST)]
    [InlineData(17, Errno.EPROTO)]
    [InlineData(int.MinValue, Errno.EPROTO)]
    public void Error_OfANumber_IsItsErrno(int number, Errno expected) =>
        Assert.Equal(expected, MctpNetlinkAnswers.ReadError(BitConverter.GetBytes(number), 0, out _));

    [Fact]
    public void Answers_WithBytesChangedAndCut_EndWithoutHarm()
    {
        var random = new Random(11);
        byte[][] sound =
        [
            MctpNetlinkMessages.Address(_buffer, 7, new NetlinkAddress(4, 20), add: true).ToArray(),
            MctpNetlinkMessages.Route(_buffer, 7, new NetlinkRoute { First = 9, Last = 254, Interface = 5, Mtu = 68 }, add: true).ToArray(),
            MctpNetlinkMessages.Route(_buffer, 7, new NetlinkRoute { First = 50, Last = 53, Gateway = 9, GatewayNetwork = 3 }, add: true).ToArray(),
            MctpNetlinkMessages.Neighbour(_buffer, 7, new NetlinkNeighbour(3, 9, new byte[] { 1, 2, 3 }), add: true).ToArray(),
            MctpNetlinkMessages.Network(_buffer, 7, 2, 7).ToArray(),
        ];
        int understood = 0;
        int refused = 0;
        for (int i = 0; i < 100_000; i++)
        {
            byte[] bytes = [.. sound[i % sound.Length], .. sound[random.Next(sound.Length)]];
            for (int change = random.Next(4); change > 0; change--) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            var messages = new NetlinkReader(bytes.AsSpan(0, random.Next(bytes.Length + 1)));
            while (messages.TryNext())
            {
                ReadOnlySpan<byte> payload = messages.Payload;
                bool any = MctpNetlinkAnswers.TryReadLink(payload, out _) | MctpNetlinkAnswers.TryReadAddress(payload, out _)
                    | MctpNetlinkAnswers.TryReadRoute(payload, out _) | MctpNetlinkAnswers.TryReadNeighbour(payload, out _);
                MctpNetlinkAnswers.ReadError(payload, (ushort)random.Next(0x400), out _);
                if (any) understood++;
                else refused++;
            }
        }

        Assert.NotEqual(0, understood);
        Assert.NotEqual(0, refused);
    }

    [Theory]
    [InlineData("lo", true)]
    [InlineData("mctpmmbi0", true)]
    [InlineData("abcdefghijklmno", true)]
    [InlineData("abcdefghijklmnop", false)]
    [InlineData("", false)]
    [InlineData(".", false)]
    [InlineData("..", false)]
    [InlineData("a/b", false)]
    [InlineData("a b", false)]
    [InlineData("a:b", false)]
    [InlineData("mctp%d", false)]
    [InlineData("größe", false)]
    public void InterfaceName_OfAText_IsJudgedAsTheKernelDoes(string name, bool valid) => Assert.Equal(valid, InterfaceName.IsValid(name));

    [Fact]
    public void InterfaceName_OfTheLoopback_HasAnIndex()
    {
        Assert.True(InterfaceName.TryFindIndex("lo", out int index));
        Assert.True(index > 0);
        Assert.False(InterfaceName.TryFindIndex("none-such", out _));
    }

    private static ReadOnlySpan<byte> Payload(ReadOnlySpan<byte> message) => message[NetlinkWriter.HeaderSize..];
}
