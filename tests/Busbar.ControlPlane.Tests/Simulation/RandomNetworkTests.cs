// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>
/// Networks of random shape to which random things happen, each from one seed. A failure names its seed; <c>BUSBAR_SIMULATION_SEEDS=4711</c> replays it, and
/// <c>BUSBAR_SIMULATION_SEEDS=1000-2000</c> tries many.
/// </summary>
public sealed class RandomNetworkTests
{
    private const int DefaultSeeds = 24;
    private const int Actions = 12;

    public static IEnumerable<TheoryDataRow<int>> Seeds
    {
        get
        {
            string? wanted = Environment.GetEnvironmentVariable("BUSBAR_SIMULATION_SEEDS");
            string[] range = (wanted ?? $"1-{DefaultSeeds}").Split('-');
            int first = int.Parse(range[0], CultureInfo.InvariantCulture);
            int last = int.Parse(range[^1], CultureInfo.InvariantCulture);
            return Enumerable.Range(first, last - first + 1).Select(static seed => new TheoryDataRow<int>(seed));
        }
    }

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Network_AfterAnyTrouble_CanBeHealed(int seed)
    {
        using var net = new BridgedNetwork(seed);
        WorldNode[] endpoints = Build(net);
        net.SetUp();

        for (int i = 0; i < Actions; i++)
        {
            Disturb(net, endpoints);
            net.World.Run(net.World.Random.Next(3_000));
        }

        foreach (WorldNode node in net.World.Nodes.Where(static node => !node.IsRunning).ToArray()) node.Restart();
        net.Heal();

        Invariants.Hold(net.World);
        net.EverybodyAnswers(endpoints);
    }

    private static WorldNode[] Build(BridgedNetwork net)
    {
        Random random = net.World.Random;
        var endpoints = new List<WorldNode>();
        var media = new List<(SimulatedMedium Medium, int Depth, int Room)> { (net.Backbone, 0, 200) };
        int bridges = random.Next(1, 5);
        for (int i = 0; i < bridges; i++)
        {
            int parent = random.Next(media.Count);
            (SimulatedMedium above, int depth, int room) = media[parent];
            if (depth == 3 || above.Binding == PhysicalBinding.Serial || room < 16) continue;

            // Four EIDs of each pool are for the bridge's own side and endpoints.
            bool pointToPoint = random.Next(4) == 0;
            int wants = pointToPoint ? 4 : depth == 0 ? 40 : (room - 8) / 2;
            media[parent] = (above, depth, room - wants - 1);
            media.Add((net.AddBridge(above, (byte)(0x20 + i), wants, out _, pointToPoint), depth + 1, pointToPoint ? 0 : wants));
        }

        byte address = 0x40;
        foreach ((SimulatedMedium medium, _, _) in media)
        {
            int count = medium.Binding == PhysicalBinding.Serial ? 1 : random.Next(1, 4);
            endpoints.AddRange(net.AddEndpoints(medium, count, address));
            address += 8;
        }

        return [.. endpoints];
    }

    private static void Disturb(BridgedNetwork net, WorldNode[] endpoints)
    {
        Random random = net.World.Random;
        SimulatedMedium[] media = [.. net.Media];
        WorldNode[] nodes = [.. endpoints, .. net.Bridges, net.Top];
        WorldNode node = nodes[random.Next(nodes.Length)];
        SimulatedMedium medium = media[random.Next(media.Length)];
        switch (random.Next(7))
        {
            case 0:
                node.Restart();
                break;
            case 1 when node != net.Top:
                node.Stop();
                break;
            case 2:
                medium.Faults = new MediumFaults(random.Next(30), random.Next(30), random.Next(60));
                break;
            case 3:
                medium.Faults = new MediumFaults(LossPercent: 100);
                break;
            case 4:
                medium.Faults = new MediumFaults();
                break;
            case 5:
                WithPeer(net, peer => net.Top.Controller.RecoverEndpointAsync(peer.Network, peer.Eid));
                break;
            default:
                WithPeer(net, peer => net.Top.Controller.RemoveEndpointAsync(peer.Network, peer.Eid));
                net.SetUpTop();
                break;
        }
    }

    private static void WithPeer(BridgedNetwork net, Func<ManagedEndpoint, Task> action)
    {
        ManagedEndpoint[] peers = [.. net.Top.Controller.Endpoints.All.Where(static peer => !peer.IsLocal)];
        if (peers.Length != 0) _ = World.AttemptAsync(() => action(peers[net.World.Random.Next(peers.Length)]));
    }
}
