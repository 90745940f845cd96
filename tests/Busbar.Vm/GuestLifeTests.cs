// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Guest;
using Busbar.Linux;
using Xunit;

namespace Busbar.Vm;

/// <summary>How guests begin and end, and what a machine with an IOMMU is like.</summary>
[Trait("speed", "slow")]
public sealed class GuestLifeTests
{
    [Fact]
    public void Boot_WithIommuAndADevice_PutsTheDeviceIntoAGroup()
    {
        using GuestMachine guest = Guests.Boot(new GuestOptions { Name = "iommu", Iommu = true, QemuArguments = ["-device", "edu"] });

        string device = guest.Run("grep -l 0x11e8 /sys/bus/pci/devices/*/device", Guests.CommandLimit).Check().Output.Trim();
        GuestResult group = guest.Run($"readlink {Path.GetDirectoryName(device)}/iommu_group", Guests.CommandLimit).Check();

        Assert.Contains("/iommu_groups/", group.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void PowerOff_InTheGuest_EndsQemu()
    {
        GuestMachine guest = Guests.Boot(new GuestOptions { Name = "off" });
        int qemu = guest.ProcessId;
        using (guest)
        {
            GuestProcess last = guest.StartProcess("poweroff -f");

            Assert.True(guest.WaitForExit(Guests.CommandLimit));
            Assert.Equal(GuestError.Ended, Assert.Throws<GuestException>(() => last.WaitForExit(Guests.CommandLimit)).Error);
            Assert.Equal(GuestError.Ended, Assert.Throws<GuestException>(() => guest.Run("true", Guests.CommandLimit)).Error);
        }

        Assert.False(Signals.Kill(qemu, Signal.None));
    }

    [Fact]
    public async Task Death_OfTheHarness_TakesQemuWithIt()
    {
        Guests.RequireImage();
        using Process child = Process.Start(new ProcessStartInfo(Environment.ProcessPath!, ["child", "guest"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            UseShellExecute = false,
        })!;
        string? line = await child.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Guests.BootLimit, TestContext.Current.CancellationToken);
        int qemu = int.Parse(line!);
        Assert.True(Signals.Kill(qemu, Signal.None));

        child.Kill();

        Assert.True(SpinWait.SpinUntil(() => IsGone(qemu), Guests.CommandLimit));
    }

    [Fact]
    public void Start_WithAnArgumentThatQemuRefuses_QuotesQemu()
    {
        GuestImage image = Guests.RequireImage();

        GuestException failure = Assert.Throws<GuestException>(
            () => GuestMachine.Start(new GuestOptions { Image = image, QemuArguments = ["-device", "no-such-device"] }, Guests.BootLimit));

        Assert.Equal(GuestError.StartFailed, failure.Error);
        Assert.Contains("no-such-device", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Start_OfAnInitramfsWithoutAgent_EndsWithTheConsoleText()
    {
        GuestImage image = Guests.RequireImage();
        string empty = Path.GetTempFileName();
        try
        {
            GuestException failure = Assert.Throws<GuestException>(() => GuestMachine.Start(new GuestOptions { Image = image with { Initramfs = empty } }, Guests.BootLimit));

            Assert.Equal(GuestError.StartFailed, failure.Error);
            Assert.Contains("Kernel panic", failure.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(empty);
        }
    }

    // An orphan that ended stays a zombie where nobody adopts it.
    private static bool IsGone(int process)
    {
        if (!Signals.Kill(process, Signal.None)) return true;
        try
        {
            return File.ReadAllText($"/proc/{process}/stat").Contains(") Z ", StringComparison.Ordinal);
        }
        catch (IOException)
        {
            return true;
        }
    }
}
