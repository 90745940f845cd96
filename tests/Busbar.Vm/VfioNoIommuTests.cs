// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Guest;
using Busbar.Linux;
using Busbar.Pci;
using Xunit;

namespace Busbar.Vm;

/// <summary>A guest without an IOMMU, whose ivshmem device has its other end in this process: MSI-X in VFIO's mode without one, and doorbells both ways.</summary>
[Trait("speed", "slow")]
public sealed class VfioNoIommuTests
{
    private const string Device = "00:04.0";
    private const int Vectors = 2;

    [Fact]
    public void Ivshmem_WithoutAnIommu_RingsAndIsRung()
    {
        Guests.RequireImage();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bb-");
        string socket = Path.Combine(folder.FullName, "s");
        using var stop = new CancellationTokenSource();
        using var server = new IvshmemServer(new IvshmemServerOptions { SocketPath = socket, Size = 1 << 20, Vectors = Vectors });
        var loop = new Thread(() => server.Run(stop.Token));
        loop.Start();
        try
        {
            using IvshmemClient host = IvshmemClient.Connect(socket, 10_000);
            using GuestMachine guest = Guests.Boot(new GuestOptions
            {
                Name = "noiommu",
                QemuArguments = ["-chardev", $"socket,path={socket},id=i", "-device", $"ivshmem-doorbell,vectors={Vectors},chardev=i,addr=4"],
            });
            Exchange(guest, host);
        }
        finally
        {
            stop.Cancel();
            server.Wake();
            Assert.True(loop.Join(10_000));
            folder.Delete(recursive: true);
        }
    }

    private static void Exchange(GuestMachine guest, IvshmemClient host)
    {
        GuestResult refused = guest.Run($"busbar pci bind {Device}", Guests.CommandLimit);
        Assert.Equal(5, refused.ExitCode);
        Assert.Contains("--no-iommu", refused.Error, StringComparison.Ordinal);

        JsonElement bound = VfioGuest.Json(guest, $"pci bind {Device} --no-iommu");
        Assert.Contains("enable_unsafe_noiommu_mode", bound.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);
        GuestResult dma = guest.Run($"busbar pci irq {Device} --dma 64", Guests.CommandLimit);
        Assert.Equal(5, dma.ExitCode);

        // The guest waits for two doorbells, which come from here once it says that it does.
        int peer = PeerOf(host);
        GuestProcess waiting = guest.StartProcess($"exec busbar pci irq {Device} --vectors {Vectors} --count 2 --timeout 60 --json");
        string ready = waiting.Expect("ready", Guests.CommandLimit);
        Assert.Contains("\"vfio-noiommu\",\"kind\":\"msix\"", ready, StringComparison.Ordinal);
        for (int vector = 0; vector < Vectors; vector++)
        {
            Assert.True(host.TryGetDoorbell(peer, vector, out EventFd? doorbell));
            Assert.True(doorbell.Ring());
            waiting.Expect($"\"vector\":{vector}", Guests.CommandLimit);
        }

        Assert.Equal(0, waiting.WaitForExit(Guests.CommandLimit).ExitCode);

        // And the other way, by the doorbell register; the memory is the same on both sides.
        using Memory.SharedRegion window = host.Memory.Map();
        window.Write32(0x100, 0xCAFE_F00D);
        JsonElement seen = VfioGuest.Json(guest, $"pci read {Device} 2 0x100");
        Assert.Equal("0xcafef00d", seen.GetProperty("values")[0].GetProperty("value").GetString());
        VfioGuest.Json(guest, $"pci write {Device} 0 0xc 0x{(host.OwnId << 16) | 1:x}");
        using var poller = new Poller();
        poller.Add(host.OwnVectors[1].Descriptor, PollEvents.Readable);
        Assert.Equal(1, poller.Wait(30_000, new PollReady[1]));
        Assert.True(host.OwnVectors[1].TryDrain(out ulong rings));
        Assert.Equal(1ul, rings);
        VfioGuest.Json(guest, $"pci unbind {Device}");
    }

    private static int PeerOf(IvshmemClient host)
    {
        using var poller = new Poller();
        poller.Add(host.SocketFd, PollEvents.Readable);
        for (int patience = 0; patience < 100; patience++)
        {
            host.ProcessMessages();
            if (host.Peers.Where(peer => peer != host.OwnId).Select(peer => (int?)peer).FirstOrDefault() is { } found
                && host.TryGetDoorbell(found, Vectors - 1, out _))
            {
                return found;
            }

            poller.Wait(100, new PollReady[1]);
        }

        throw new TimeoutException("the guest's device did not join");
    }
}
