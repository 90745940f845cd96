// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Busbar.Linux;
using Busbar.Mmbi;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>Development links between two nodes, over UNIX sockets and UDP.</summary>
public sealed class DevelopmentAttachmentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void UnixSocket_WithARestartingServer_IsConnectedAgain()
    {
        string path = _folder.File("s");
        using var asker = new LinkEnd($"dev:unix:{path}", asks: true);
        Assert.Contains("nobody listens", asker.Attachment.WhyDown, StringComparison.Ordinal);
        for (int life = 0; life < 3; life++)
        {
            using (LinkEnd echo = new($"dev:unix:{path},listen", asks: false))
            {
                asker.Up();
                asker.Exchange(0, 64, 4_095, 20_000, 65_535);
            }

            asker.Down();
        }
    }

    [Fact]
    public void UnixServer_WithARestartingClient_TakesTheNextOne()
    {
        string path = _folder.File("s");
        using var echo = new LinkEnd($"dev:unix:{path},listen", asks: false);
        for (int life = 0; life < 3; life++)
        {
            using LinkEnd asker = new LinkEnd($"dev:unix:{path},mtu=300", asks: true).Up();
            asker.Exchange(0, 1_000);
        }

        using LinkEnd last = new LinkEnd($"dev:unix:{path}", asks: true).Up();
        using (UnixPackets second = UnixPackets.Connect(path, 5_000))
        {
            Assert.True(second.Wait(PollEvents.Readable, 10_000), "the second client is still connected");
            Assert.Equal(ReceiveResult.Closed, second.TryReceive(new byte[100], out _));
        }

        last.Exchange(5);
        Assert.Equal(1, echo.Node.Read((_, _) => ((DevelopmentAttachment)echo.Attachment).TurnedAway));
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    public void Udp_BetweenTwoNodes_CarriesMessagesAndFindsARestartedOne(string host)
    {
        (int one, int two) = FreePorts(host);
        using var asker = new LinkEnd($"dev:udp:{host}:{one},peer={host}:{two}", asks: true);
        for (int life = 0; life < 2; life++)
        {
            // The second life begins before the first one is missed, so the link may be up already.
            using (LinkEnd echo = new($"dev:udp:{host}:{two},peer={host}:{one},mtu=8000", asks: false))
            {
                echo.Up();
                asker.Up();
                asker.Exchange(0, 1_447, 20_000);
            }

            asker.Down();
        }
    }

    [Fact]
    public void Udp_FromAStranger_IsCountedAndIgnored()
    {
        (int one, int two) = FreePorts("127.0.0.1");
        using var end = new LinkEnd($"dev:udp:127.0.0.1:{one},peer=127.0.0.1:{two}", asks: true);
        var medium = ((DevelopmentAttachment)end.Attachment).DevelopmentLink.Medium;
        using UdpSocket stranger = UdpSocket.Bind(new IPEndPoint(IPAddress.Loopback, 0), new IPEndPoint(IPAddress.Loopback, one));
        Assert.True(stranger.TrySend([0x42, 0x44, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 16, 4, 0, 0]));
        Assert.True(end.Node.WaitFor(() => medium.Strangers == 1, TimeSpan.FromSeconds(10)));
        using UdpSocket peer = UdpSocket.Bind(new IPEndPoint(IPAddress.Loopback, two), new IPEndPoint(IPAddress.Loopback, one));
        Assert.True(peer.TrySend([0x42, 0x44, 7, 1]));
        Assert.True(peer.TrySend(new byte[40_000]));
        Assert.True(end.Node.WaitFor(() => medium.OtherVersion == 7 && medium.TooLong == 1, TimeSpan.FromSeconds(10)));
        Assert.False(end.Attachment.Link.IsUp);
        Assert.Contains("version 7", end.Attachment.WhyDown, StringComparison.Ordinal);
    }

    [Fact]
    public void Address_OfAnotherNode_IsRefusedInOneLine()
    {
        (int one, int two) = FreePorts("127.0.0.1");
        string udp = $"dev:udp:127.0.0.1:{one},peer=127.0.0.1:{two}";
        string unix = $"dev:unix:{_folder.File("s")},listen";
        using var first = new LinkEnd(udp, asks: true);
        using var second = new LinkEnd(unix, asks: true);
        foreach (string text in new[] { udp, unix })
        {
            Assert.True(LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error), error);
            MctpException refusal = Assert.Throws<MctpException>(() => LinkOpener.Open(spec, MmbiRole.Owner));
            Assert.Equal(MctpError.AddressInUse, refusal.Error);
            Assert.StartsWith($"link '{text}': ", refusal.Message, StringComparison.Ordinal);
        }
    }

    private static (int One, int Two) FreePorts(string host)
    {
        var any = new IPEndPoint(IPAddress.Parse(host.Trim('[', ']')), 0);
        using UdpSocket one = UdpSocket.Bind(any, any);
        using UdpSocket two = UdpSocket.Bind(any, any);
        return (one.LocalEndPoint.Port, two.LocalEndPoint.Port);
    }
}
