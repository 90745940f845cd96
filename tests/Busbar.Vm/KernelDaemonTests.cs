// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Text.Json;
using Busbar.Guest;
using Busbar.Linux;
using Xunit;

namespace Busbar.Vm;

/// <summary>The daemon on the guest's AF_MCTP: it sets up an endpoint behind an interface, and follows what others change in the kernel.</summary>
[Trait("speed", "slow")]
public sealed class KernelDaemonTests(PlainGuest guest) : IClassFixture<PlainGuest>
{
    private const string Name = "mctpmmbi0";
    private const string Socket = "--socket /tmp/kernel-daemon.sock";

    // With a UUID, because to derive one takes a hash, and that an OpenSSL, which the guest has not.
    private static readonly byte[] s_configuration =
        "backend = \"kernel\"\n[mctp]\nuuid = \"21f0f554-7f7c-4211-9ca1-6d0f000ea9e7\"\n[daemon]\ndbus = \"none\"\nmux = \"\"\n"u8.ToArray();

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(90);

    [Fact]
    public void Daemon_OnTheKernel_SetsUpAnEndpointAndFollowsTheKernel()
    {
        using var lane = new KernelLane(guest.Machine, "kerneldaemon");
        lane.StartEndpoint("--uuid 0a0b0c0d-1111-2222-3333-444455556666");
        lane.Attach($"--kernel {Name}");
        guest.Machine.Store("/tmp/kernel-daemon.toml", s_configuration);
        GuestProcess daemon = guest.Machine.StartProcess($"exec busbar daemon -v -c /tmp/kernel-daemon.toml {Socket} 2>/tmp/kernel-daemon.log");
        try
        {
            Until(lane, $"busbar link {Socket}", text => text.Contains($"dev {Name} ", StringComparison.Ordinal));

            JsonElement setup = JsonDocument.Parse(lane.Run($"busbar peer setup {Name} {Socket} --json").Check().Output).RootElement;
            Assert.Equal(9, setup.GetProperty("eid").GetInt32());
            Assert.Contains("\"0a0b0c0d-1111-2222-3333-444455556666\"", lane.Run($"busbar tree {Socket} --json").Check().Output, StringComparison.Ordinal);
            Assert.Contains($"eid min 9 max 9 net 1 dev {Name} mtu 68\n", lane.Run("busbar route --kernel").Check().Output, StringComparison.Ordinal);
            JsonElement ping = JsonDocument.Parse(lane.Run("busbar ping --kernel --eid 9 --size 1000 -c 3 -i 0 --timeout 30 --json").Check().Output).RootElement;
            Assert.Equal(3, ping.GetProperty("received").GetInt32());

            lane.Run("busbar address add 77 dev lo --kernel").Check();
            Until(lane, $"busbar address {Socket}", text => text.Contains("eid 77 net 1 dev lo\n", StringComparison.Ordinal));
            lane.Run("busbar address del 77 dev lo --kernel").Check();
            Until(lane, $"busbar address {Socket}", text => !text.Contains("eid 77 ", StringComparison.Ordinal));
            lane.Run($"busbar link set {Name} mtu 100 --kernel").Check();
            Until(lane, $"busbar link {Socket}", text => text.Contains("mtu 100 ", StringComparison.Ordinal));

            lane.Detach();
            Until(lane, $"busbar link {Socket}", text => !text.Contains(Name, StringComparison.Ordinal));
            Assert.DoesNotContain("0a0b0c0d", lane.Run($"busbar tree {Socket} --json").Check().Output, StringComparison.Ordinal);

            daemon.Kill(Signal.Terminate);
            GuestResult end = daemon.WaitForExit(s_limit);
            Assert.True(end.ExitCode == 0, lane.Run("cat /tmp/kernel-daemon.log").Output);
        }
        finally
        {
            if (!daemon.HasExited)
            {
                daemon.Kill();
                daemon.WaitForExit(s_limit);
            }
        }
    }

    [Fact]
    public void SecondDaemon_OnTheSameKernel_IsRefusedInOneLine()
    {
        using var lane = new KernelLane(guest.Machine, "seconddaemon");
        guest.Machine.Store("/tmp/kernel-second.toml", s_configuration);
        GuestProcess first = guest.Machine.StartProcess("exec busbar daemon -c /tmp/kernel-second.toml --socket /tmp/kernel-first.sock 2>/dev/null");
        try
        {
            Until(lane, "busbar link --socket /tmp/kernel-first.sock", _ => true);

            GuestResult second = lane.Run("timeout 60 busbar daemon -c /tmp/kernel-second.toml --socket /tmp/kernel-second.sock");

            Assert.NotEqual(0, second.ExitCode);
            Assert.Contains("another program answers the control requests", second.Error, StringComparison.Ordinal);
        }
        finally
        {
            first.Kill();
            first.WaitForExit(s_limit);
        }
    }

    private static void Until(KernelLane lane, string command, Func<string, bool> isSo)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            GuestResult result = lane.Run(command);
            if (result.ExitCode == 0 && isSo(result.Output)) return;
            if (Stopwatch.GetElapsedTime(start) < s_limit) continue;
            throw new TimeoutException($"'{command}' does not show it: {result}; the daemon said: {lane.Run("cat /tmp/kernel-daemon.log").Output}");
        }
    }
}
