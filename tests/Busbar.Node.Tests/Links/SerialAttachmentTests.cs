// SPDX-License-Identifier: Apache-2.0
using System.Net;
using Busbar.Linux;
using Busbar.Mmbi;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>Serial links between two nodes, over everything that carries bytes here.</summary>
public sealed class SerialAttachmentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void PseudoTerminal_WithItsSlaveAsAPort_CarriesMessagesAndComesBack()
    {
        string name = _folder.File("tty");
        using var echo = new LinkEnd($"serial:pty:{name}", asks: false);
        Assert.False(echo.Attachment.Link.IsUp);
        using (LinkEnd first = new LinkEnd($"serial:{name},baud=115200", asks: true).Up()) first.Exchange(0, 64, 3_000, 60_000);

        echo.Down();
        using (LinkEnd second = new LinkEnd($"serial:{name},mtu=255", asks: true).Up()) second.Exchange(1, 1_000);
    }

    [Fact]
    public void PseudoTerminal_ThatGoes_TakesItsNameAlongAndTheOtherLinkDown()
    {
        string name = _folder.File("tty");
        var echo = new LinkEnd($"serial:pty:{name}", asks: false);
        using LinkEnd asker = new LinkEnd($"serial:{name}", asks: true).Up();
        asker.Exchange(10);

        echo.Dispose();

        asker.Down();
        Assert.Null(new FileInfo(name).LinkTarget);
    }

    [Fact]
    public void UnixSocket_WithARestartingServer_IsConnectedAgain()
    {
        string path = _folder.File("s");
        using var asker = new LinkEnd($"serial:unix:{path}", asks: true);
        Assert.Contains("nobody listens", asker.Attachment.WhyDown, StringComparison.Ordinal);
        for (int life = 0; life < 3; life++)
        {
            using (LinkEnd echo = new($"serial:unix:{path},listen", asks: false))
            {
                asker.Up();
                asker.Exchange(0, 64, 5_000);
            }

            asker.Down();
        }
    }

    [Fact]
    public void UnixServer_WithAClientAlready_TurnsOthersAwayAndCounts()
    {
        string path = _folder.File("s");
        using var echo = new LinkEnd($"serial:unix:{path},listen", asks: false);
        using LinkEnd asker = new LinkEnd($"serial:unix:{path}", asks: true).Up();
        asker.Exchange(5);
        using (UnixStream second = UnixStream.Connect(path, 5_000))
        {
            Assert.True(second.Wait(PollEvents.Readable, 10_000), "the second client is still connected");
            Assert.Equal(ReceiveResult.Closed, second.TryReceive(new byte[10], [], out _));
        }

        Assert.Equal(1, echo.Node.Read((_, _) => ((SerialAttachment)echo.Attachment).TurnedAway));
        asker.Exchange(5);
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("[::1]")]
    public void Tcp_InBothRoles_CarriesMessagesAndIsConnectedAgain(string host)
    {
        int port = FreePort(host);
        using var asker = new LinkEnd($"serial:tcp:{host}:{port}", asks: true);
        for (int life = 0; life < 2; life++)
        {
            using (LinkEnd echo = new($"serial:tcp:{host}:{port},listen", asks: false))
            {
                asker.Up();
                asker.Exchange(0, 64, 5_000);
            }

            asker.Down();
        }
    }

    [Fact]
    public void Port_OfAnotherProcess_IsRefusedInOneLine()
    {
        string name = _folder.File("tty");
        using var echo = new LinkEnd($"serial:pty:{name}", asks: false);
        using LinkEnd asker = new LinkEnd($"serial:{name}", asks: true).Up();

        MctpException busy = Assert.Throws<MctpException>(() => Open($"serial:{name}"));
        Assert.Equal(MctpError.AddressInUse, busy.Error);
        Assert.Contains(name, busy.Message, StringComparison.Ordinal);
        asker.Exchange(5);
    }

    [Theory]
    [InlineData("serial:/dev/there-is-none")]
    [InlineData("serial:/dev/null")]
    [InlineData("serial:tcp:no.such.host.invalid:4000")]
    [InlineData("serial:unix:/there/is/no/such/folder/s,listen")]
    [InlineData("serial:pty:/there/is/no/such/folder/tty")]
    public void Line_ThatCannotBe_IsRefusedInOneLine(string text)
    {
        MctpException refusal = Assert.Throws<MctpException>(() => Open(text));
        Assert.Equal(MctpError.BadConfiguration, refusal.Error);
        Assert.StartsWith($"link '{text}': ", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal.Message);
    }

    [Fact]
    public void NameOfAPseudoTerminal_ThatIsAFile_IsLeftAlone()
    {
        string name = _folder.File("precious");
        File.WriteAllText(name, "keep me");

        Assert.Throws<MctpException>(() => Open($"serial:pty:{name}"));
        Assert.Equal("keep me", File.ReadAllText(name));
    }

    private static void Open(string text)
    {
        Assert.True(LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error), error);
        LinkOpener.Open(spec, MmbiRole.Discoverer).Dispose();
    }

    private static int FreePort(string host)
    {
        using var listener = Linux.TcpListener.Bind(new IPEndPoint(IPAddress.Parse(host.Trim('[', ']')), 0));
        return listener.LocalEndPoint.Port;
    }
}
