// SPDX-License-Identifier: Apache-2.0
using Busbar.Mmbi;
using Busbar.Pci;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>LINK texts, good and bad.</summary>
public sealed class LinkSpecParserTests
{
    private static readonly string[] s_pieces =
    [
        "mmbi", ":", "shm", "ivshmem", "file", "/dev/shm/x", ",", "=", "role", "owner", "discoverer", "dialect", "auto", "v1.1", "size", "2M", "8K", "1G",
        "wait", "spin", "block", "instance", "instances", "7", "8", "peer", "65536", "mtu", "68", "hugepages", "on", "-1", "\n", "\0", "é", " ", "99999999999999999999",
    ];

    [Fact]
    public void Parse_OfEverythingAtOnce_UnderstandsIt()
    {
        const string Text = "mmbi:ivshmem:/run/a:b.sock,role=owner,dialect=v1.0-espi,size=4m,wait=block,instance=3,instances=4,peer=65535,mtu=68,hugepages=on,trust=on";

        bool good = LinkSpecParser.TryParse(Text, out LinkSpec? spec, out string? error);

        Assert.True(good, error);
        Assert.Equal(
            new MmbiLinkSpec
            {
                Text = Text,
                Window = WindowKind.Ivshmem,
                Path = "/run/a:b.sock",
                Role = MmbiRole.Owner,
                Dialect = MmbiDialect.V10Espi,
                Size = 4 << 20,
                Wait = WaitStrategy.Block,
                Instance = 3,
                Instances = 4,
                Peer = 65535,
                Mtu = 68,
                HugePages = true,
                TrustsMemory = true,
            },
            spec);
        Assert.Equal(Text, spec!.ToString());
    }

    [Theory]
    [InlineData("mmbi:shm:/dev/shm/x", WindowKind.Shm)]
    [InlineData("mmbi:ivshmem:relative.sock", WindowKind.Ivshmem)]
    [InlineData("mmbi:file:dump.bin", WindowKind.File)]
    public void Parse_OfAWindowAlone_LeavesTheRestOpen(string text, WindowKind kind)
    {
        bool good = LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error);

        Assert.True(good, error);
        var mmbi = (MmbiLinkSpec)spec!;
        Assert.Equal(kind, mmbi.Window);
        Assert.Equal((null, null, null, null, null, null, null), (mmbi.Role, mmbi.Dialect, mmbi.Size, mmbi.Wait, mmbi.Instances, mmbi.Peer, mmbi.Mtu));
        Assert.Equal((0, false, false), (mmbi.Instance, mmbi.HugePages, mmbi.TrustsMemory));
    }

    [Fact]
    public void Parse_OfAPciFunction_UnderstandsAddressBackendAndBar()
    {
        Assert.True(LinkSpecParser.TryParse("mmbi:pci:0001:02:1f.7,backend=iommufd,bar=2", out LinkSpec? spec, out string? error), error);
        Assert.Equal((WindowKind.Pci, new PciAddress(1, 2, 0x1F, 7), PciBackend.Iommufd, 2), (((MmbiLinkSpec)spec!).Window, ((MmbiLinkSpec)spec).Address, ((MmbiLinkSpec)spec).Backend, ((MmbiLinkSpec)spec).Bar));

        Assert.True(LinkSpecParser.TryParse("mmbi:pci:00:04.0", out spec, out error), error);
        Assert.Equal((new PciAddress(0, 0, 4, 0), PciBackend.Automatic, null), (((MmbiLinkSpec)spec!).Address, ((MmbiLinkSpec)spec).Backend, ((MmbiLinkSpec)spec).Bar));
    }

    [Theory]
    [InlineData("dialect=auto")]
    [InlineData("dialect=v1.1")]
    [InlineData("dialect=v1.0-aspeed")]
    [InlineData("wait=spin")]
    [InlineData("wait=adaptive")]
    [InlineData("wait=poll")]
    [InlineData("size=8K")]
    [InlineData("size=8192")]
    [InlineData("size=1G")]
    [InlineData("role=discoverer")]
    [InlineData("instances=8,instance=7")]
    [InlineData("instance=7")]
    [InlineData("peer=0")]
    [InlineData("mtu=65540")]
    [InlineData("hugepages=off")]
    public void Parse_OfGoodOptions_Succeeds(string options)
    {
        Assert.True(LinkSpecParser.TryParse($"mmbi:shm:/x,{options}", out _, out string? error), error);
    }

    [Theory]
    [InlineData("", "''", "mmbi:")]
    [InlineData("pigeon:/dev/ttyS0", "'pigeon'", "mmbi:")]
    [InlineData("serial:", "no line", "serial:/dev/ttyS0")]
    [InlineData("serial:ttyS0", "'ttyS0'", "serial:/dev/ttyS0")]
    [InlineData("serial:pty:", "nothing follows", "serial:pty:NAME")]
    [InlineData("serial:tcp:4000", "'4000' is not HOST:PORT", "serial:tcp:127.0.0.1:4000")]
    [InlineData("serial:tcp:::1:4000", "is not HOST:PORT", "in brackets")]
    [InlineData("serial:tcp:h:0", "is not HOST:PORT", "serial:tcp:127.0.0.1:4000")]
    [InlineData("serial:/dev/ttyS0,listen", "'listen'", "leave it out")]
    [InlineData("serial:/dev/ttyS0,baud=fast", "baud=fast", "baud=115200")]
    [InlineData("serial:unix:/s,baud=9600", "speed", "leave out baud=")]
    [InlineData("serial:pty,mtu=256", "mtu=256", "68 to 255")]
    [InlineData("serial:pty,role=owner", "'role'", "known are")]
    [InlineData("dev:", "no medium", "dev:unix:PATH")]
    [InlineData("dev:udp:127.0.0.1:1", "other node", "peer=127.0.0.1:4002")]
    [InlineData("dev:udp:127.0.0.1:1,peer=x", "peer=x", "peer=127.0.0.1:4002")]
    [InlineData("dev:unix:/s,peer=127.0.0.1:1", "peer=", "leave it out")]
    [InlineData("dev:unix:/s,listen,listen", "'listen'", "twice")]
    [InlineData("astlpc:/dev/shm/x", "unknown window", "astlpc:shm:PATH")]
    [InlineData("astlpc:shm:/x,role=owner", "role=owner", "bmc or host")]
    [InlineData("MMBI:shm:/x", "'MMBI'", "mmbi:")]
    [InlineData("mmbi", "no window", "mmbi:shm:PATH")]
    [InlineData("mmbi:shm", "no window", "mmbi:shm:PATH")]
    [InlineData("mmbi:shm:", "no window", "mmbi:shm:PATH")]
    [InlineData("mmbi:usb:1-2", "'usb'", "ivshmem:SOCKET")]
    [InlineData("mmbi:pci:", "no window", "mmbi:pci:ADDRESS")]
    [InlineData("mmbi:pci:eth0", "'eth0'", "mmbi:pci:0000:00:04.0")]
    [InlineData("mmbi:pci:0000:00:20.0", "'0000:00:20.0'", "busbar pci list")]
    [InlineData("mmbi:pci:00:04.0,backend=uio", "backend=uio", "vfio, iommufd or sysfs")]
    [InlineData("mmbi:pci:00:04.0,bar=6", "bar=6", "0 to 5")]
    [InlineData("mmbi:shm:/x,", "''", "KEY=VALUE")]
    [InlineData("mmbi:shm:/x,role", "'role'", "KEY=VALUE")]
    [InlineData("mmbi:shm:/x,role=", "'role='", "KEY=VALUE")]
    [InlineData("mmbi:shm:/x,role=boss", "role=boss", "owner or discoverer")]
    [InlineData("mmbi:shm:/x,role=Owner", "role=Owner", "owner or discoverer")]
    [InlineData("mmbi:shm:/x,role=owner,role=owner", "'role'", "twice")]
    [InlineData("mmbi:shm:/x,dialect=v2", "dialect=v2", "v1.0-aspeed")]
    [InlineData("mmbi:shm:/x,size=3M", "size=3M", "power of two")]
    [InlineData("mmbi:shm:/x,size=4K", "size=4K", "8K to 1G")]
    [InlineData("mmbi:shm:/x,size=2G", "size=2G", "8K to 1G")]
    [InlineData("mmbi:shm:/x,size=9223372036854775807G", "size=9223372036854775807G", "8K to 1G")]
    [InlineData("mmbi:shm:/x,size=-8K", "size=-8K", "8K to 1G")]
    [InlineData("mmbi:shm:/x,size=K", "size=K", "8K to 1G")]
    [InlineData("mmbi:shm:/x,wait=sleep", "wait=sleep", "spin, adaptive, block or poll")]
    [InlineData("mmbi:shm:/x,instance=8", "instance=8", "0 to 7")]
    [InlineData("mmbi:shm:/x,instance=+1", "instance=+1", "0 to 7")]
    [InlineData("mmbi:shm:/x,instances=0", "instances=0", "1 to 8")]
    [InlineData("mmbi:shm:/x,instance=2,instances=2", "instance=2", "count from 0")]
    [InlineData("mmbi:shm:/x,peer=65536", "peer=65536", "0 to 65535")]
    [InlineData("mmbi:shm:/x,mtu=67", "mtu=67", "68 to 65540")]
    [InlineData("mmbi:shm:/x,hugepages=yes", "hugepages=yes", "on or off")]
    [InlineData("mmbi:ivshmem:/x,trust=yes", "trust=yes", "on or off")]
    [InlineData("mmbi:shm:/x,trust=on", "trust=", "leave it out")]
    [InlineData("mmbi:shm:/x,colour=red", "'colour'", "known are role")]
    [InlineData("mmbi:shm:/x\ny", "control character", "printable")]
    [InlineData("mmbi:shm:/x\0y", "control character", "printable")]
    public void Parse_OfABadText_NamesCulpritAndRemedyInOneLine(string text, string culprit, string remedy)
    {
        bool good = LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error);

        Assert.False(good);
        Assert.Null(spec);
        Assert.Contains(culprit, error, StringComparison.Ordinal);
        Assert.Contains(remedy, error, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error!);
    }

    [Fact]
    public void Parse_OfAnyText_NeverThrowsAndAnswersOneWayOnly()
    {
        Gen<string> pieces = Gen.ListOf(Gen.Elements(s_pieces)).Select(list => string.Concat(list));
        Gen<string> texts = Gen.OneOf(pieces, pieces.Select(text => "mmbi:shm:/x," + text), ArbMap.Default.GeneratorFor<NonNull<string>>().Select(text => text.Get));

        Check.One(Config.QuickThrowOnFailure.WithMaxTest(3000), Prop.ForAll(texts.ToArbitrary(), text =>
        {
            bool good = LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error);
            return good ? spec!.Text == text && error is null : spec is null && error!.Length > 0 && !error.Contains('\n');
        }));
    }
}
