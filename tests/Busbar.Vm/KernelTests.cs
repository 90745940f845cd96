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

    // What is awkward about an interface between a kernel and a link: other protocols, packets longer than it takes, gateways behind it, tags that others hold while it goes.
    [Fact]
    public void Attach_AmongAwkwardNeighbours_CountsWhatItDropsAndGoesAllTheSame()
    {
        using var lane = new KernelLane(guest.Machine, "awkward");
        lane.StartEndpoint("--eid 9");
        lane.Attach($"--kernel {Name} --learn --route 20-29");
        Assert.Equal("2000\n", lane.Run($"cat /sys/class/net/{Name}/tx_queue_len").Check().Output);

        lane.Run($"ip addr add 10.9.9.1/30 dev {Name} && ping -c 1 -W 1 10.9.9.2");
        lane.Request(8, 65_535);
        lane.Run("busbar route add 50-53 gw 9 --kernel").Check();
        string tree = lane.Run("busbar tree --kernel --json").Check().Output;
        JsonElement ping = Json(lane.Run($"busbar ping --kernel --eid 9 -c 1 {Patience} --json").Check());
        GuestProcess holder = lane.StartBeside("busbar send --kernel --eid 20 --type pldm 01 --timeout 15");
        JsonElement stopped = lane.Detach();

        JsonElement drops = stopped.GetProperty("counters").GetProperty("drops");
        Assert.True(drops.GetProperty("not_mctp").GetInt64() >= 1, stopped.ToString());
        Assert.Equal(1, drops.GetProperty("packet_too_large").GetInt64());
        Assert.Equal(1, ping.GetProperty("received").GetInt32());
        Assert.Contains("\"holds\":[{\"first\":50,\"last\":53", tree, StringComparison.Ordinal);
        Assert.NotEqual(0, lane.Run($"ls -d /sys/class/net/{Name}").ExitCode);
        Assert.Equal(3, holder.WaitForExit(Guests.CommandLimit).ExitCode);

        // The kernel keeps routes by way of a gateway, and so do we: whoever made it may want it again.
        Assert.Equal("eid min 50 max 53 net 1 gw 9 mtu 0\n", lane.Run("busbar route --kernel").Check().Output);
        lane.Run("busbar route del 50-53 gw 9 --kernel").Check();
    }

    [Fact]
    public void Attach_ByTheLineDiscipline_CarriesWhatFitsAndGoesWithItsProcess()
    {
        using var lane = new KernelLane(guest.Machine, "line");
        lane.StartServer();
        lane.StartEndpoint("--eid 9");
        JsonElement ready = lane.Attach($"--kernel {Name} --learn --via serial");

        Assert.Equal(("serial", 68), (ready.GetProperty("via").GetString(), ready.GetProperty("mtu").GetInt32()));
        JsonElement link = Assert.Single(Json(lane.Run($"busbar link show {Name} --kernel --json").Check()).GetProperty("links").EnumerateArray());
        Assert.Equal(("serial", 68, 68, true), (link.GetProperty("binding").GetString(), link.GetProperty("min_mtu").GetInt32(), link.GetProperty("max_mtu").GetInt32(), link.GetProperty("up").GetBoolean()));
        Assert.Equal("2000\n", lane.Run($"cat /sys/class/net/{Name}/tx_queue_len").Check().Output);
        Assert.Equal(9, Json(lane.Run("busbar discover --kernel --eid 9 --json").Check()).GetProperty("eid").GetInt32());
        foreach (int size in (int[])[64, 65_535]) AssertAnswered(lane, size);
        lane.KillAttach(Name);

        lane.Attach($"--kernel {Name} --learn --via serial");
        AssertAnswered(lane, 64);

        // One packet of 204 bytes, of which the kernel could take 68; its receiver would hear nothing more behind such a frame.
        lane.Request(8, 200);
        AssertAnswered(lane, 64);

        // What is written while the interface is down the kernel would throw away without a word, from the middle of a frame, too.
        lane.Run($"ip link set {Name} down").Check();
        lane.Request(8, 20);
        lane.Run($"ip link set {Name} up").Check();
        AssertAnswered(lane, 64);

        lane.KillEndpoint();
        lane.Expect("link_down");
        lane.WaitFor($"/sys/class/net/{Name}/flags", "0x80");
        lane.StartEndpoint("--eid 9");
        lane.Expect("link_up");
        lane.WaitFor($"/sys/class/net/{Name}/flags", "0x81");
        AssertAnswered(lane, 64);

        JsonElement drops = lane.Detach().GetProperty("counters").GetProperty("drops");
        Assert.Equal((1, 1), (drops.GetProperty("packet_too_large").GetInt32(), drops.GetProperty("link_down").GetInt32()));
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
        Refused(lane.TryAttach($"--kernel {Name} --via serial --mtu 100"), 2, "100");
        Refused(lane.Run("busbar ping --kernel -c 1"), 2, "--eid");
        Refused(lane.Run("busbar ping --kernel --interface none --control -c 1"), 2, "none");
        Refused(lane.Run("busbar ping --kernel --eid 77 -c 1"), 3, "77");
        Refused(lane.Run("busbar ping --kernel --interface lo --network 9 --control -c 1"), 2, "--network");
        lane.Run("mv /dev/net/tun /dev/net/tun.aside").Check();
        try
        {
            Refused(lane.TryAttach($"--kernel {Name}"), 5, "--via serial");
        }
        finally
        {
            lane.Run("mv /dev/net/tun.aside /dev/net/tun").Check();
        }
    }

    private static void AssertAnswered(KernelLane lane, int size)
    {
        JsonElement ping = Json(lane.Run($"busbar ping --kernel --eid 9 --size {size} -c 2 -i 0 {Patience} --json").Check());
        Assert.Equal(2, ping.GetProperty("received").GetInt32());
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
