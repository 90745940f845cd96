// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Guest;
using Xunit;

namespace Busbar.Vm;

/// <summary>The kernel's ways to a device, behind an emulated IOMMU: registers, interrupts and DMA of QEMU's edu device, and giving devices back.</summary>
[Trait("speed", "slow")]
public sealed class VfioIommuTests(VfioGuest guest) : IClassFixture<VfioGuest>
{
    private const string Edu = "00:03.0";
    private const string CopyThroughTheDevice =
        "--dma 64 --write 0:0x80=dma --write 0:0x88=0x40000 --write 0:0x90=32 --write 0:0x98=5 "
        + "--ack 0:0x64=0x101 --ack 0:0x80=0x40000 --ack 0:0x88=dma+32 --ack 0:0x90=32 --ack 0:0x98=7";

    [Fact]
    public void List_InTheGuest_TellsWhatBusbarCanDrive()
    {
        JsonElement[] own = [.. VfioGuest.Json(guest.Machine, "pci list").GetProperty("devices").EnumerateArray()];
        JsonElement[] all = [.. VfioGuest.Json(guest.Machine, "pci list --all").GetProperty("devices").EnumerateArray()];

        Assert.Equal("0000:00:04.0", Assert.Single(own).GetProperty("address").GetString());
        Assert.Contains(all, device => device.GetProperty("ids").GetString() == "1234:11e8" && device.TryGetProperty("iommu_group", out _));
    }

    [Theory]
    [InlineData("iommufd")]
    [InlineData("vfio")]
    public void Edu_BehindTheIommu_InterruptsAndReachesOurMemoryOnly(string backend)
    {
        GuestMachine machine = guest.Machine;
        VfioGuest.Json(machine, $"pci bind {Edu}");

        JsonElement registers = VfioGuest.Json(machine, $"pci write {Edu} 0 4 0x12345678 --read-back --backend {backend}");

        // The pin first: the copy leaves one more transfer behind, whose cause would hold the line.
        JsonElement level = VfioGuest.Json(machine, $"pci irq {Edu} --backend {backend} --kind intx --count 3 --timeout 30 --write 0:0x64=0xffffffff --write 0:0x60=1 --ack 0:0x64=0xffffffff --ack 0:0x60=1");
        JsonElement copied = VfioGuest.Json(machine, $"pci irq {Edu} --backend {backend} --kind msi --count 2 --timeout 30 {CopyThroughTheDevice}");
        VfioGuest.Json(machine, $"pci unbind {Edu}");

        Assert.Equal(backend, registers.GetProperty("backend").GetString());
        Assert.Equal("0xedcba987", registers.GetProperty("values")[0].GetProperty("value").GetString());
        string pattern = string.Concat(Enumerable.Range(0, 32).Select(value => value.ToString("x2")));
        Assert.Equal(pattern + pattern, copied.GetProperty("dma").GetString());
        Assert.Equal(2, copied.GetProperty("total").GetInt64());
        Assert.Equal(3, level.GetProperty("total").GetInt64());
    }

    [Fact]
    public void Open_OfABoundDevice_PrefersIommufd()
    {
        VfioGuest.Json(guest.Machine, $"pci bind {Edu}");

        JsonElement read = VfioGuest.Json(guest.Machine, $"pci read {Edu} 0 0");
        VfioGuest.Json(guest.Machine, $"pci unbind {Edu}");

        Assert.Equal(("iommufd", "0x010000ed"), (read.GetProperty("backend").GetString(), read.GetProperty("values")[0].GetProperty("value").GetString()));
    }

    [Theory]
    [InlineData("iommufd")]
    [InlineData("vfio")]
    public void Device_InUse_IsRefusedToOthersAndNotUnbound(string backend)
    {
        GuestMachine machine = guest.Machine;
        VfioGuest.Json(machine, $"pci bind {Edu}");
        GuestProcess user = machine.StartProcess($"exec busbar pci irq {Edu} --backend {backend} --kind msi --json");
        user.Expect("ready", Guests.CommandLimit);

        GuestResult second = machine.Run($"busbar pci read {Edu} 0 0", Guests.CommandLimit);
        GuestResult unbind = machine.Run($"busbar pci unbind {Edu}", Guests.CommandLimit);
        user.Kill(Linux.Signal.Terminate);
        GuestResult ended = user.WaitForExit(Guests.CommandLimit);
        VfioGuest.Json(machine, $"pci unbind {Edu}");

        Assert.Equal((2, 2, 0), (second.ExitCode, unbind.ExitCode, ended.ExitCode));
        Assert.Contains("in use by another process", second.Error, StringComparison.Ordinal);
        Assert.Contains("in use by another process", unbind.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Device_WithoutADriver_IsPolledThroughSysfs()
    {
        JsonElement registers = VfioGuest.Json(guest.Machine, $"pci write {Edu} 0 4 0x0000ffff --read-back");
        GuestResult interrupts = guest.Machine.Run($"busbar pci irq {Edu}", Guests.CommandLimit);

        Assert.Equal(("sysfs", "0xffff0000"), (registers.GetProperty("backend").GetString(), registers.GetProperty("values")[0].GetProperty("value").GetString()));
        Assert.Equal(2, interrupts.ExitCode);
    }

    [Fact]
    public void Device_OnUio_InterruptsByItsPin()
    {
        VfioGuest.Json(guest.Machine, $"pci bind {Edu} --driver uio_pci_generic");

        JsonElement counted = VfioGuest.Json(guest.Machine, $"pci irq {Edu} --kind intx --count 3 --timeout 30 --write 0:0x64=0xffffffff --write 0:0x60=1 --ack 0:0x64=0xffffffff --ack 0:0x60=1");
        JsonElement unbound = VfioGuest.Json(guest.Machine, $"pci unbind {Edu}");

        Assert.Equal(3, counted.GetProperty("total").GetInt64());
        Assert.Equal("uio_pci_generic", unbound.GetProperty("former").GetString());
        Assert.False(unbound.TryGetProperty("driver", out _));
    }

    [Fact]
    public void Unbind_OfADeviceThatADriverHad_GivesItBack()
    {
        JsonElement bound = VfioGuest.Json(guest.Machine, "pci bind 00:06.0");
        JsonElement unbound = VfioGuest.Json(guest.Machine, "pci unbind 00:06.0");
        string only = guest.Machine.Run("cat /sys/bus/pci/devices/0000:00:06.0/driver_override", Guests.CommandLimit).Check().Output.Trim();

        Assert.Equal(("virtio-pci", "vfio-pci"), (bound.GetProperty("former").GetString(), bound.GetProperty("driver").GetString()));
        Assert.Equal(("vfio-pci", "virtio-pci"), (unbound.GetProperty("former").GetString(), unbound.GetProperty("driver").GetString()));
        Assert.Equal("(null)", only);
    }

    [Fact]
    public void Group_WithADeviceInOrdinaryHands_NamesTheCulprit()
    {
        JsonElement bound = VfioGuest.Json(guest.Machine, "pci bind 00:05.0");
        GuestResult refused = guest.Machine.Run("busbar pci read 00:05.0 0 0 --backend vfio", Guests.CommandLimit);
        VfioGuest.Json(guest.Machine, "pci unbind 00:05.0");

        Assert.Contains("0000:00:05.1 is bound to 'virtio-pci'", Assert.Single(bound.GetProperty("notes").EnumerateArray()).GetString(), StringComparison.Ordinal);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("0000:00:05.1 is bound to 'virtio-pci'", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Window_OfPlainIvshmem_IsSharedBetweenOpenings()
    {
        VfioGuest.Json(guest.Machine, "pci bind 00:04.0");
        VfioGuest.Json(guest.Machine, "pci write 00:04.0 2 0xff000 0x0123456789abcdef --width 64");
        JsonElement read = VfioGuest.Json(guest.Machine, "pci read 00:04.0 2 0xff000 --width 64");
        GuestResult beyond = guest.Machine.Run("busbar pci read 00:04.0 2 0x100000", Guests.CommandLimit);
        VfioGuest.Json(guest.Machine, "pci unbind 00:04.0");

        Assert.Equal("0x0123456789abcdef", read.GetProperty("values")[0].GetProperty("value").GetString());
        Assert.Equal(2, beyond.ExitCode);
    }
}
