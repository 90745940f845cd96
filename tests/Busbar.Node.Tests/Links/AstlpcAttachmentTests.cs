// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>LPC links between two nodes, over a window in a file.</summary>
public sealed class AstlpcAttachmentTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Window_WithBothEnds_CarriesMessagesAndBothMayRestart()
    {
        string path = _folder.File("lpc");
        using (LinkEnd bmc = new($"astlpc:shm:{path},size=64K", asks: false))
        {
            for (int life = 0; life < 2; life++)
            {
                using LinkEnd host = new LinkEnd($"astlpc:shm:{path}", asks: true).Up();
                host.Exchange(0, 64, 4_095, 20_000);
            }
        }

        Assert.False(File.Exists(path));
        using var again = new LinkEnd($"astlpc:shm:{path},role=bmc,size=64K,mtu=68", asks: true);
        using LinkEnd small = new LinkEnd($"astlpc:shm:{path},role=host,mtu=1000", asks: false).Up();
        again.Up().Exchange(200);
        Assert.Equal(72, small.Attachment.Link.Mtu);
    }

    [Fact]
    public void Host_WhoseControllerRestarts_FindsTheNewWindow()
    {
        string path = _folder.File("lpc");
        var bmc = new LinkEnd($"astlpc:shm:{path},size=64K", asks: false);
        using LinkEnd host = new LinkEnd($"astlpc:shm:{path}", asks: true).Up();
        host.Exchange(5);
        bmc.Dispose();
        host.Down();

        using var next = new LinkEnd($"astlpc:shm:{path},size=64K", asks: false);
        host.Up();
        host.Exchange(5);
    }

    [Theory]
    [InlineData("role=bmc", MctpError.AddressInUse)]
    [InlineData("role=host", MctpError.AddressInUse)]
    public void Role_OfAnotherProcess_IsRefusedInOneLine(string role, MctpError error)
    {
        string path = _folder.File("lpc");
        using var bmc = new LinkEnd($"astlpc:shm:{path},size=64K", asks: false);
        using var host = new LinkEnd($"astlpc:shm:{path}", asks: true);
        Assert.Equal(error, Refused($"astlpc:shm:{path},{role}").Error);
    }

    [Fact]
    public void File_ThatIsNoWindow_IsRefusedInOneLine()
    {
        string path = _folder.File("lpc");
        File.WriteAllText(path, "hello");
        Assert.Equal(MctpError.BadConfiguration, Refused($"astlpc:shm:{path},role=bmc").Error);
        Assert.Equal("hello", File.ReadAllText(path));
        Assert.Equal(MctpError.Unreachable, Refused($"astlpc:shm:{_folder.File("none")},role=host").Error);
    }

    private static MctpException Refused(string text)
    {
        Assert.True(LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error), error);
        MctpException refusal = Assert.Throws<MctpException>(() => LinkOpener.Open(spec, MmbiRole.Owner, patience: TimeSpan.FromMilliseconds(50)).Dispose());
        Assert.StartsWith($"link '{text}': ", refusal.Message, StringComparison.Ordinal);
        return refusal;
    }
}
