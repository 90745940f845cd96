// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Pci;
using Xunit;

namespace Busbar.Node.Tests;

/// <summary>The driver of ivshmem devices against a process on the host, on a real server.</summary>
public sealed class IvshmemDriverTests
{
    private static readonly TimeSpan _limit = TimeSpan.FromSeconds(15);

    [Theory]
    [InlineData(MmbiRole.Owner)]
    [InlineData(MmbiRole.Discoverer)]
    public void Guest_InEachRole_MeetsAHostThatRestarts(MmbiRole role)
    {
        using var folder = new TemporaryFolder();
        string path = folder.File("s");
        using var server = new EmbeddedServer(new IvshmemServerOptions { SocketPath = path, Size = 1 << 20, Vectors = 1, Hints = MemoryHints.None });
        using var device = new ModelIvshmem(path);
        bool isOwner = role == MmbiRole.Owner;
        MmbiRole hostRole = isOwner ? MmbiRole.Discoverer : MmbiRole.Owner;
        string hostLink = $"mmbi:ivshmem:{path},wait=block";
        NodeEnd host = NodeEnd.Open(hostLink, hostRole);
        try
        {
            PciAttachment link = PciAttachment.Open(device.Device, new WindowOptions { Text = "guest", Role = role, Wait = WaitStrategy.Block });
            using var guest = new MctpNode();
            guest.AddLink(link);
            guest.Use((stack, _) =>
            {
                stack.AddAddress(link.Link, isOwner ? NodeEnd.OwnerEid : NodeEnd.DiscovererEid);
                Eid peer = isOwner ? NodeEnd.DiscovererEid : NodeEnd.OwnerEid;
                stack.AddRoute(MctpRoute.Direct(peer, peer, link.Link));
                stack.SetService(EchoService.Type, new EchoService());
            });

            for (int life = 0; life < 3; life++)
            {
                Assert.True(guest.WaitUntilUp(link, _limit), $"the guest's link is not up in life {life}");
                Assert.True(host.IsUpWithin(15), $"the host's link is not up in life {life}");
                foreach (int size in new[] { 1, 64, 4096, 65_535 })
                {
                    using MctpSocket socket = host.Node.OpenSocket();
                    byte[] body = [.. Enumerable.Range(0, size).Select(i => (byte)(i * 5))];
                    Assert.Equal(body, host.Ask(socket, body));
                }

                host.Dispose();
                Assert.True(guest.WaitFor(() => !link.Link.IsUp, _limit), "the guest did not notice that the host left");
                host = NodeEnd.Open(hostLink, hostRole);
            }
        }
        finally
        {
            host.Dispose();
        }
    }

    [Fact]
    public void Rival_ThatGivesNoSignOfLife_IsReplacedAfterItsTime()
    {
        using var window = Busbar.Memory.SharedRegion.Allocate(1 << 16);
        var dead = new RendezvousPage(window);
        Assert.Equal(RendezvousFormat.Ready, dead.TryFormat(1, _ => true));
        Assert.True(dead.TryClaim(RendezvousRole.Owner, 0, 1, 0, _ => true));
        var page = new RendezvousPage(window);
        var life = new RendezvousLiveness(page, RendezvousRole.Owner, 0);

        Assert.False(page.TryClaim(RendezvousRole.Owner, 0, 2, 0, _ => !life.HasStopped(1000)));
        dead.SignOfLife(RendezvousRole.Owner, 0);
        Assert.False(page.TryClaim(RendezvousRole.Owner, 0, 2, 0, _ => !life.HasStopped(3999)));
        Assert.False(page.TryClaim(RendezvousRole.Owner, 0, 2, 0, _ => !life.HasStopped(6998)));
        Assert.True(life.IsAlive(6998));
        Assert.False(life.IsAlive(6999));
        Assert.True(page.TryClaim(RendezvousRole.Owner, 0, 2, 0, _ => !life.HasStopped(6999)));
        dead.SignOfLife(RendezvousRole.Owner, 0);
        Assert.False(dead.IsHeld(RendezvousRole.Owner, 0));
    }

    [Theory]
    [InlineData("mmbi:pci:0000:00:04.0,role=owner,backend=vfio,bar=2", null)]
    [InlineData("mmbi:pci:00:04.0,instance=3,peer=1", null)]
    [InlineData("mmbi:pci:nonsense", "is no PCI address")]
    [InlineData("mmbi:vfio-user:/x,backend=vfio", "leave out backend=")]
    [InlineData("mmbi:vfio-user:/x,size=2M", "leave out size=")]
    [InlineData("mmbi:pci:00:04.0,size=2M", "leave out size=")]
    [InlineData("mmbi:pci:00:04.0,backend=uio", "use vfio, iommufd or sysfs")]
    [InlineData("mmbi:shm:/x,bar=1", "are for PCI functions")]
    public void Link_OfAFunction_IsReadOrRefusedWithARemedy(string text, string? remedy)
    {
        bool good = LinkSpecParser.TryParse(text, out LinkSpec? spec, out string? error);

        Assert.Equal(remedy is null, good);
        if (remedy is null) Assert.Equal(new PciAddress(0, 0, 4, 0), ((MmbiLinkSpec)spec!).Address);
        else Assert.Contains(remedy, error, StringComparison.Ordinal);
    }
}
