// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Guest;
using Xunit;

namespace Busbar.Vm;

/// <summary>The kernel's ways to a device, behind an emulated IOMMU: registers, interrupts and DMA of QEMU's edu device, and giving devices back.</summary>
[Trait("speed", "slow")]
public sealed class VfioIommuTests(VfioGuest guest) : IClassFixture<VfioGuest>
{
    /// <summary>An edu device that is bound to nothing, except by a test that gives it back.</summary>
    private const string FreeEdu = "00:07.0";

    private const string CopyThroughTheDevice =
        "--dma 64 --write 0:0x80=dma --write 0:0x88=0x40000 --write 0:0x90=32 --write 0:0x98=5 "
        + "--ack 0:0x64=0x101 --ack 0:0x80=0x40000 --ack 0:0x88=dma+32 --ack 0:0x90=32 --ack 0:0x98=7";

    private const string RaiseThePin =
        "--kind intx --count 3 --timeout 30 --write 0:0x64=0xffffffff --write 0:0x60=1 --ack 0:0x64=0xffffffff --ack 0:0x60=1";

    [Fact]
    public void List_InTheGuest_TellsWhatBusbarCanDrive()
    {
        JsonElement[] all = [.. VfioGuest.Json(guest.Machine, "pci list --all").GetProperty("devices").EnumerateArray()];

        JsonElement own = Assert.Single(all, device => device.GetProperty("supported").GetBoolean());
        Assert.Equal("0000:00:04.0", own.GetProperty("address").GetString());
        Assert.Contains(all, device => device.GetProperty("ids").GetString() == "1234:11e8" && device.TryGetProperty("iommu_group", out _));
    }

    [Theory]
    [InlineData("iommufd")]
    [InlineData("vfio")]
    public void Edu_BehindTheIommu_InterruptsReachesOurMemoryAndIsRefusedToOthers(string backend)
    {
        GuestMachine machine = guest.Machine;
        string edu = guest.BoundEdu;

        // The pin first: the copy leaves one more transfer behind, whose cause would hold the line.
        JsonElement level = VfioGuest.Json(machine, $"pci irq {edu} --backend {backend} {RaiseThePin}");
        GuestProcess user = machine.StartProcess($"exec busbar pci irq {edu} --backend {backend} --kind msi --json {CopyThroughTheDevice}");
        string ready = user.Expect("ready", Guests.CommandLimit);
        user.Expect("\"total\":2", Guests.CommandLimit);

        // While that one has it, nobody else gets it or takes it away.
        GuestProcess second = machine.StartProcess($"exec busbar pci read {edu} 0 0");
        GuestProcess unbind = machine.StartProcess($"exec busbar pci unbind {edu}");
        GuestResult[] refused = [second.WaitForExit(Guests.CommandLimit), unbind.WaitForExit(Guests.CommandLimit)];
        user.Kill(Linux.Signal.Terminate);
        JsonElement copied = VfioGuest.LastLine(user.WaitForExit(Guests.CommandLimit));

        Assert.Equal(3, level.GetProperty("total").GetInt64());
        Assert.Contains($"\"{backend}\"", ready, StringComparison.Ordinal);
        string pattern = string.Concat(Enumerable.Range(0, 32).Select(value => value.ToString("x2")));
        Assert.Equal(pattern + pattern, copied.GetProperty("dma").GetString());
        Assert.All(refused, refusal => Assert.Equal(2, refusal.ExitCode));
        Assert.All(refused, refusal => Assert.Contains("in use by another process", refusal.Error, StringComparison.Ordinal));
    }

    [Fact]
    public void Open_OfABoundDevice_PrefersIommufd()
    {
        JsonElement written = VfioGuest.Json(guest.Machine, $"pci write {guest.BoundEdu} 0 4 0x12345678 --read-back");

        Assert.Equal(("iommufd", "0xedcba987"), (written.GetProperty("backend").GetString(), written.GetProperty("values")[0].GetProperty("value").GetString()));
        Assert.False(written.TryGetProperty("notes", out _));
    }

    [Fact]
    public void Device_WithoutADriver_IsPolledThroughSysfs()
    {
        JsonElement registers = VfioGuest.Json(guest.Machine, $"pci write {FreeEdu} 0 4 0x0000ffff --read-back");
        GuestResult interrupts = guest.Machine.Run($"busbar pci irq {FreeEdu}", Guests.CommandLimit);

        Assert.Equal(("sysfs", "0xffff0000"), (registers.GetProperty("backend").GetString(), registers.GetProperty("values")[0].GetProperty("value").GetString()));
        Assert.Equal(2, interrupts.ExitCode);
    }

    [Fact]
    public void Device_OnUio_InterruptsByItsPin()
    {
        VfioGuest.Json(guest.Machine, $"pci bind {FreeEdu} --driver uio_pci_generic");

        JsonElement counted = VfioGuest.Json(guest.Machine, $"pci irq {FreeEdu} {RaiseThePin}");

        // The kernel goes on counting from one opening to the next.
        JsonElement again = VfioGuest.Json(guest.Machine, $"pci irq {FreeEdu} {RaiseThePin}");
        JsonElement unbound = VfioGuest.Json(guest.Machine, $"pci unbind {FreeEdu}");

        Assert.Equal((3, 3), (counted.GetProperty("total").GetInt64(), again.GetProperty("total").GetInt64()));
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
        GuestResult[] refused = [.. new[] { "--backend vfio", "--backend iommufd", string.Empty }
            .Select(way => guest.Machine.Run($"busbar pci read 00:05.0 0 0 {way}", Guests.CommandLimit))];

        Assert.Contains("0000:00:05.1 is bound to 'virtio-pci'", Assert.Single(bound.GetProperty("notes").EnumerateArray()).GetString(), StringComparison.Ordinal);
        Assert.All(refused, refusal => Assert.Equal(2, refusal.ExitCode));
        Assert.All(refused, refusal => Assert.Contains("0000:00:05.1 is bound to 'virtio-pci'", refusal.Error, StringComparison.Ordinal));
    }

    [Fact]
    public void Window_OfPlainIvshmem_IsSharedBetweenOpenings()
    {
        VfioGuest.Json(guest.Machine, "pci bind 00:04.0");
        VfioGuest.Json(guest.Machine, "pci write 00:04.0 2 0xff000 0x0123456789abcdef --width 64");
        JsonElement read = VfioGuest.Json(guest.Machine, "pci read 00:04.0 2 0xff000 --width 64");
        GuestResult beyond = guest.Machine.Run("busbar pci read 00:04.0 2 0x100000", Guests.CommandLimit);

        Assert.Equal("0x0123456789abcdef", read.GetProperty("values")[0].GetProperty("value").GetString());
        Assert.Equal(2, beyond.ExitCode);
    }

    [Fact]
    public void Unplugging_UnderALink_GetsTheFunctionBack()
    {
        VfioGuest.Json(guest.Machine, "pci bind 00:04.0");
        GuestProcess endpoint = guest.Machine.StartProcess("exec busbar endpoint --link mmbi:pci:00:04.0 --json");
        endpoint.Expect("ready", Guests.CommandLimit);

        // What 'busbar pci unbind' refuses, and an administrator or a hot-plug driver does all the same: it ends when the process lets go.
        guest.Machine.Run("echo 0000:00:04.0 >/sys/bus/pci/drivers/vfio-pci/unbind", Guests.CommandLimit).Check();
        guest.Machine.Run("test ! -e /sys/bus/pci/devices/0000:00:04.0/driver", Guests.CommandLimit).Check();
        endpoint.Kill(Linux.Signal.Terminate);

        Assert.Equal(0, endpoint.WaitForExit(Guests.CommandLimit).ExitCode);
    }

    [Fact]
    public void Unbinding_UnderTheCommandThatCountsInterrupts_GetsTheFunctionBack()
    {
        VfioGuest.Json(guest.Machine, $"pci bind {FreeEdu}");
        GuestProcess user = guest.Machine.StartProcess($"exec busbar pci irq {FreeEdu} --kind msi --json");
        user.Expect("ready", Guests.CommandLimit);

        guest.Machine.Run($"echo 0000:{FreeEdu} >/sys/bus/pci/drivers/vfio-pci/unbind", Guests.CommandLimit).Check();
        GuestResult ended = user.WaitForExit(Guests.CommandLimit);

        Assert.Equal(3, ended.ExitCode);
        Assert.Contains("the kernel takes 0000:00:07.0 back", ended.Error, StringComparison.Ordinal);
        Assert.Single(ended.Error.Trim().Split('\n'));
        Assert.Contains("\"stopped\"", ended.Output, StringComparison.Ordinal);
    }
}
