// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Devices;
using Busbar.Guest;
using Busbar.Pci;
using Xunit;

namespace Busbar.Vm;

/// <summary>
/// Links over what cannot be mapped, in a guest: registers that share a page with those of another device, which the kernel's VFIO lets a process reach by calls only, and a window that
/// its device keeps to itself, where every access of the guest becomes a message.
/// </summary>
[Trait("speed", "slow")]
public sealed class AccessByAccessTests
{
    private const string First = "00:04.0";
    private const string Second = "00:05.0";
    private const string Trapped = "00:06.0";

    [Fact]
    public void Links_OverWhatCannotBeMapped_CarryMessages()
    {
        Guests.RequireImage();
        DirectoryInfo folder = Directory.CreateTempSubdirectory("bb-");
        string socket = Path.Combine(folder.FullName, "s");
        using var stop = new CancellationTokenSource();
        using var server = new IvshmemServer(new IvshmemServerOptions { SocketPath = socket, Size = 1 << 20, Vectors = 1 });
        var loop = new Thread(() => server.Run(stop.Token));
        loop.Start();
        using var device = new MmbiDevice(new MmbiDeviceOptions { WindowSize = 64 << 10, IsWindowMappable = false });
        device.Start();
        using var served = new VfioUserServer(device.Function, new VfioUserServerOptions { SocketPath = Path.Combine(folder.FullName, "v") });
        served.Start();
        try
        {
            using GuestMachine guest = Guests.Boot(new GuestOptions
            {
                Name = "calls",
                QemuArguments =
                [
                    "-chardev", $"socket,path={socket},id=i", "-device", "ivshmem-doorbell,vectors=1,chardev=i,addr=4",
                    "-chardev", $"socket,path={socket},id=j", "-device", "ivshmem-doorbell,vectors=1,chardev=j,addr=5",
                    "-device", "{\"driver\":\"vfio-user-pci\",\"rombar\":0,\"addr\":\"6\",\"socket\":{\"type\":\"unix\",\"path\":\"" + served.SocketPath + "\"}}",
                ],
            });
            MeetOverRegistersThatShareAPage(guest);
            MeetOverAWindowThatTraps(guest, served);
        }
        finally
        {
            stop.Cancel();
            server.Wake();
            Assert.True(loop.Join(10_000));
            folder.Delete(recursive: true);
        }
    }

    private static void MeetOverRegistersThatShareAPage(GuestMachine guest)
    {
        // Firmware gives each device a page; the kernel, left to itself, puts 256 bytes behind 256 bytes. Bound by hand, because each start of busbar costs a second here.
        guest.Run(
            $"for d in {First} {Second}; do echo 1 >/sys/bus/pci/devices/0000:$d/remove; done; echo 1 >/sys/bus/pci/rescan; "
            + "echo 1 >/sys/module/vfio/parameters/enable_unsafe_noiommu_mode; "
            + $"for d in {First} {Second} {Trapped}; do echo vfio-pci >/sys/bus/pci/devices/0000:$d/driver_override; echo 0000:$d >/sys/bus/pci/drivers_probe; done",
            Guests.CommandLimit).Check();

        JsonElement identity = VfioGuest.Json(guest, $"pci read {Second} 0 0x8");
        GuestProcess endpoint = guest.StartProcess($"exec busbar endpoint --link mmbi:pci:{Second},role=owner,wait=block --stdin --json");
        endpoint.Expect("ready", Guests.CommandLimit);
        JsonElement pinged = VfioGuest.Json(guest, $"ping --link mmbi:pci:{First},wait=block --count 5 --size 4096");
        endpoint.WriteLine("quit", Guests.CommandLimit);
        JsonElement stopped = VfioGuest.LastLine(endpoint.WaitForExit(Guests.CommandLimit));

        Assert.Contains("each access is a system call", identity.GetProperty("notes")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal("0x00000001", identity.GetProperty("values")[0].GetProperty("value").GetString());
        Assert.Equal(5, pinged.GetProperty("received").GetInt32());

        // Both ends ring by the register and sleep until they are rung.
        Assert.True(stopped.GetProperty("counters").GetProperty("wakes").GetInt64() > 0, stopped.ToString());
    }

    private static void MeetOverAWindowThatTraps(GuestMachine guest, VfioUserServer served)
    {
        long before = served.Statistics.Received(VfioUserCommand.RegionWrite);

        JsonElement pinged = VfioGuest.Json(guest, $"ping --link mmbi:pci:{Trapped} --count 5 --size 1024");

        // The body alone is 128 accesses of eight bytes.
        Assert.Equal(5, pinged.GetProperty("received").GetInt32());
        Assert.True(served.Statistics.Received(VfioUserCommand.RegionWrite) - before >= 5 * 128);
    }
}
