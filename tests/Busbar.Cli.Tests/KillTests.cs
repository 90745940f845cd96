// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using Busbar.Endpoints;
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Mmbi;
using Busbar.Node;
using Xunit;

namespace Busbar.Cli.Tests;

/// <summary>
/// Two processes, one of which is killed with SIGKILL at random moments while traffic runs, 200 times in all: each time another one takes its
/// place, and traffic flows again in both directions.
/// </summary>
public sealed class KillTests
{
    private const int LatestKillMs = 30;
    private const int Size = 700;

    private static readonly Eid s_survivor = new(8);
    private static readonly Eid s_victim = new(9);
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData("ivshmem", MmbiRole.Owner, "v1.1", 45)]
    [InlineData("ivshmem", MmbiRole.Discoverer, "v1.1", 45)]
    [InlineData("shm", MmbiRole.Owner, "v1.1", 25)]
    [InlineData("shm", MmbiRole.Discoverer, "v1.1", 25)]
    [InlineData("ivshmem", MmbiRole.Owner, "v1.0-aspeed", 15)]
    [InlineData("ivshmem", MmbiRole.Discoverer, "v1.0-aspeed", 15)]
    [InlineData("ivshmem", MmbiRole.Owner, "v1.0-espi", 15)]
    [InlineData("ivshmem", MmbiRole.Discoverer, "v1.0-espi", 15)]
    [Trait("speed", "slow")]
    public void Peer_KilledInTheMiddleOfTraffic_IsReplacedAndTrafficFlows(string window, MmbiRole victim, string dialect, int kills)
    {
        using var place = new Place();
        using RunningProgram? server = window == "ivshmem" ? RunningProgram.Start("ivshmem-server", "--socket", place.Socket, "--size", "256K") : null;
        server?.Expect("ready");
        string link = window == "ivshmem" ? place.Ivshmem() : place.Shm();
        string size = window == "shm" ? ",size=256K" : string.Empty;
        string owner = $"{link},role=owner,dialect={dialect}{size}";
        string discoverer = $"{link},role=discoverer";
        string victimLink = victim == MmbiRole.Owner ? owner : discoverer;
        using EndpointHost? first = victim == MmbiRole.Discoverer ? OpenSurvivor(owner) : null;
        RunningProgram peer = RunningProgram.StartEndpoint(victimLink, "--eid", $"{s_victim}");
        try
        {
            using EndpointHost survivor = first ?? OpenSurvivor(discoverer);
            using var client = new EchoClient(survivor.Node, survivor.Peer(s_victim, MessageType.VendorPci));
            var random = new Random(kills);
            for (int i = 0; i < kills; i++)
            {
                AssertTrafficFlows(survivor, client, peer, i);
                KillDuringTraffic(client, peer, random.Next(LatestKillMs));
                peer.Dispose();
                peer = RunningProgram.StartEndpoint(victimLink, "--eid", $"{s_victim}");
            }

            AssertTrafficFlows(survivor, client, peer, kills);
        }
        finally
        {
            peer.Dispose();
        }
    }

    private static EndpointHost OpenSurvivor(string link)
    {
        Assert.True(LinkSpecParser.TryParse(link, out LinkSpec? spec, out string? error), error);
        return new EndpointHost(LinkOpener.Open(spec, MmbiRole.Discoverer), new EndpointOptions { StaticEid = s_survivor });
    }

    private static void AssertTrafficFlows(EndpointHost survivor, EchoClient client, RunningProgram peer, int kill)
    {
        Assert.True(survivor.Node.WaitUntilUp(survivor.Attachment, s_limit), $"after kill {kill} the link stays down: {Describe(survivor)}");
        peer.Expect("link_up");
        EchoTally tally = client.Run(Size, 8, 4, TimeSpan.FromSeconds(5));
        Assert.True(tally.IsClean, $"after kill {kill}: {tally.Intact} of {tally.Sent} intact, {tally.Corrupt} corrupt");
        peer.Command($"request {s_survivor} 8 {Size}");
        Assert.Equal(8, peer.Expect("requested").GetProperty("ok").GetInt64());
    }

    private static string Describe(EndpointHost survivor) => survivor.Node.Read((_, _) =>
    {
        MmbiChannel? channel = ((MmbiAttachment)survivor.Attachment).MmbiLink.Channel;
        return $"{survivor.Attachment.Description}, {channel?.Phase}, {channel?.State}";
    });

    // The kill comes from another thread at some moment of the run, which ends when the link is down.
    private static void KillDuringTraffic(EchoClient client, RunningProgram peer, int delayMs)
    {
        using var killed = new CancellationTokenSource();
        var killer = new Thread(() =>
        {
            long start = Stopwatch.GetTimestamp();
            SpinWait.SpinUntil(() => Stopwatch.GetElapsedTime(start).TotalMilliseconds >= delayMs);
            peer.Signal(Signal.Kill);
            killed.Cancel();
        });
        peer.Command($"request {s_survivor} 1000 {Size}");
        killer.Start();
        EchoTally tally = client.Run(Size, int.MaxValue, 1, TimeSpan.FromMilliseconds(100), killed.Token);
        killer.Join();
        Assert.Equal(0, tally.Corrupt);
    }
}
