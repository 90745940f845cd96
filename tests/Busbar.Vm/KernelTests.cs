// SPDX-License-Identifier: Apache-2.0
using System.Text.Json;
using Busbar.Guest;
using Xunit;

namespace Busbar.Vm;

/// <summary>
/// The guest's kernel as a neighbour: <c>busbar attach</c> gives its AF_MCTP an interface over an MMBI link inside the guest, and programs of ours ask through plain kernel
/// sockets.
/// </summary>
[Trait("speed", "slow")]
public sealed class KernelTests(PlainGuest guest) : IClassFixture<PlainGuest>
{
    private const string Name = "mctpmmbi0";

    // An echo of 64 KiB under emulation takes its time when others use the machine, too.
    private const string Patience = "--timeout 30";

    [Fact]
    public void Attach_OverALink_CarriesControlAndEchoesOfAllSizes()
    {
        using var lane = new KernelLane(guest.Machine, "carry");

        lane.StartEndpoint("--uuid 0a0b0c0d-1111-2222-3333-444455556666");
        JsonElement ready = lane.Attach($"--kernel {Name} --assign 9");

        Assert.Equal(Name, ready.GetProperty("interface").GetString());
        Assert.Equal(["9"], ready.GetProperty("routes").EnumerateArray().Select(route => route.GetString()));
        Assert.Equal("65535\n", lane.Run($"cat /sys/class/net/{Name}/mtu").Check().Output);
        JsonElement found = Json(lane.Run("busbar discover --kernel --eid 9 --json").Check());
        Assert.Equal(9, found.GetProperty("eid").GetInt32());
        Assert.Equal("0a0b0c0d-1111-2222-3333-444455556666", found.GetProperty("uuid").GetString());
        foreach (int size in (int[])[3, 64, 4096, 65_531, 65_535])
        {
            JsonElement ping = Json(lane.Run($"busbar ping --kernel --eid 9 --size {size} -c 3 -i 0 {Patience} --json").Check());
            Assert.Equal((3, 3), (ping.GetProperty("sent").GetInt32(), ping.GetProperty("received").GetInt32()));
        }

        Assert.Equal("cc de f0 01 02\n", lane.Run("busbar send --kernel --eid 9 --type pci cc:de:f0:01:02").Check().Output);
        JsonElement stopped = lane.Detach();
        Assert.True(stopped.GetProperty("counters").GetProperty("packets_sent").GetInt64() >= 18);
        Assert.NotEqual(0, lane.Run($"ls -d /sys/class/net/{Name}").ExitCode);
    }

    [Fact]
    public void Attach_ToAFreshEndpoint_LetsTheKernelAskAndAssignOverTheNullEid()
    {
        using var lane = new KernelLane(guest.Machine, "null");
        lane.StartEndpoint();
        lane.Attach($"--kernel {Name} --route 20-29 --network 3 --mtu 68");

        JsonElement found = Json(lane.Run($"busbar discover --kernel --interface {Name} --json").Check());
        GuestResult given = lane.Run($"busbar send --kernel --interface {Name} --type control 81 01 00 14").Check();

        Assert.Equal(0, found.GetProperty("eid").GetInt32());
        Assert.StartsWith("01 01 00 00 14", given.Output, StringComparison.Ordinal);
        Assert.Equal("68\n", lane.Run($"cat /sys/class/net/{Name}/mtu").Check().Output);
        JsonElement ping = Json(lane.Run($"busbar ping --kernel --eid 20 --network 3 --size 65535 -c 2 -i 0 {Patience} --json").Check());
        Assert.Equal(2, ping.GetProperty("received").GetInt32());
        GuestResult elsewhere = lane.Run("busbar ping --kernel --eid 20 -c 1 --timeout 2");
        Assert.Equal(3, elsewhere.ExitCode);
        lane.Detach();
    }

    [Fact]
    public void Endpoint_KilledAndRestarted_TakesTheCarrierAwayAndBringsItBack()
    {
        using var lane = new KernelLane(guest.Machine, "restart");
        lane.StartServer();
        lane.StartEndpoint("--eid 9");
        lane.Attach($"--kernel {Name} --learn");
        Json(lane.Run($"busbar ping --kernel --eid 9 -c 1 {Patience} --json").Check());

        lane.KillEndpoint();
        lane.Expect("link_down");
        lane.WaitFor($"/sys/class/net/{Name}/carrier", "0");
        Assert.NotEqual(0, lane.Run("busbar ping --kernel --eid 9 -c 1 --timeout 1").ExitCode);
        lane.StartEndpoint("--eid 9");
        lane.Expect("link_up");
        lane.WaitFor($"/sys/class/net/{Name}/carrier", "1");

        JsonElement ping = Json(lane.Run($"busbar ping --kernel --eid 9 -c 3 -i 0 {Patience} --json").Check());
        Assert.Equal(3, ping.GetProperty("received").GetInt32());
        lane.Detach();
    }

    [Fact]
    public void Interface_RemovedByAnother_EndsAttachWithAReason()
    {
        using var lane = new KernelLane(guest.Machine, "gone");
        lane.StartEndpoint("--eid 9");
        lane.Attach($"--kernel {Name} --learn");

        lane.Run($"ip link delete {Name}").Check();
        GuestResult end = lane.WaitForAttachToEnd();

        Assert.Equal(3, end.ExitCode);
        Assert.Contains(Name, end.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Attach_WhatCannotBe_IsRefusedInOneLine()
    {
        using var lane = new KernelLane(guest.Machine, "refusals");
        lane.StartEndpoint("--eid 9");

        Refused(lane.TryAttach("--kernel lo"), 2, "lo");
        Refused(lane.TryAttach("--kernel a/b"), 2, "a/b");
        Refused(lane.TryAttach($"--kernel {Name} --route 7"), 2, "7");
        Refused(lane.TryAttach($"--kernel {Name} --route 9 --route 9"), 2, "9");
        Refused(lane.Run("busbar ping --kernel -c 1"), 2, "--eid");
        Refused(lane.Run("busbar ping --kernel --interface none --control -c 1"), 2, "none");
        Refused(lane.Run("busbar ping --kernel --eid 77 -c 1"), 3, "77");
        Refused(lane.Run("busbar ping --kernel --interface lo --network 9 --control -c 1"), 2, "--network");
        lane.Run("mv /dev/net/tun /dev/net/tun.aside").Check();
        try
        {
            Refused(lane.TryAttach($"--kernel {Name}"), 5, "/dev/net/tun");
        }
        finally
        {
            lane.Run("mv /dev/net/tun.aside /dev/net/tun").Check();
        }
    }

    private static void Refused(GuestResult result, int code, string culprit)
    {
        Assert.True(code == result.ExitCode, result.ToString());
        string line = Assert.Single(result.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("busbar: ", line, StringComparison.Ordinal);
        Assert.Contains(culprit, line, StringComparison.Ordinal);
    }

    private static JsonElement Json(GuestResult result) => JsonDocument.Parse(result.Output).RootElement;
}
