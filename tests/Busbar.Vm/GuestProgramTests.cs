// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Guest;
using Xunit;

namespace Busbar.Vm;

/// <summary>The trimmed program in a guest does what the whole one does, and the kernel there has what stories need.</summary>
[Trait("speed", "slow")]
public sealed class GuestProgramTests(PlainGuest guest) : IClassFixture<PlainGuest>
{
    private static readonly TimeSpan s_labLimit = TimeSpan.FromMinutes(3);

    [Fact]
    public void Version_InTheGuest_IsThatOfTheTree()
    {
        GuestResult result = guest.Machine.Run("busbar --version", Guests.CommandLimit).Check();

        Assert.Equal("0.1.0\n", result.Output);
    }

    [Fact]
    public void Lab_InTheGuest_FindsEveryByteRight()
    {
        GuestResult result = guest.Machine.Run("busbar lab --count 20 --sizes 3,64,4096,65535 --json", s_labLimit).Check();

        using var report = JsonDocument.Parse(result.Output);
        Assert.True(report.RootElement.GetProperty("ok").GetBoolean());
    }

    [Theory]
    [InlineData("busbar --help", "Commands:")]
    [InlineData("busbar lab --help", "Examples")]
    [InlineData("busbar lab --count 5 --sizes 64", "every byte right")]
    public void Text_OfTheTrimmedProgram_IsWhole(string command, string expected)
    {
        GuestResult result = guest.Machine.Run(command, s_labLimit).Check();

        Assert.Contains(expected, result.Output, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public void Discover_WithoutAWindow_FailsWithOneLineAndItsCode()
    {
        GuestResult result = guest.Machine.Run("busbar discover --link mmbi:shm:/dev/shm/nothing --json", Guests.CommandLimit);

        Assert.NotEqual(0, result.ExitCode);
        Assert.NotEqual(70, result.ExitCode);
        Assert.StartsWith("busbar: ", result.Error, StringComparison.Ordinal);
        Assert.Single(result.Error.Trim().Split('\n'));
    }

    [Fact]
    public void Kernel_InTheGuest_HasWhatTheStoriesNeed()
    {
        GuestResult result = guest.Machine.Run(
            "grep -c '^MCTP' /proc/net/protocols; ls /dev/vfio/vfio /dev/iommu; ls -d /sys/bus/pci/drivers/vfio-pci /sys/class/misc/tun; ip link show lo | grep -c LOWER_UP",
            Guests.CommandLimit);

        Assert.Equal("1\n/dev/vfio/vfio\n/dev/iommu\n/sys/bus/pci/drivers/vfio-pci\n/sys/class/misc/tun\n1\n", result.Output.Replace("/dev/iommu\n/dev/vfio/vfio\n", "/dev/vfio/vfio\n/dev/iommu\n", StringComparison.Ordinal));
    }
}
