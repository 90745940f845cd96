// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>The interfaces of network objects.</summary>
internal sealed class NetworkInterfaces
{
    private readonly NetworkController _controller;

    public NetworkInterfaces(NetworkController controller)
    {
        _controller = controller;
        Network = new DbusInterfaceOf<NetworkObject>("au.com.codeconstruct.MCTP.Network1")
            .Method("LearnEndpoint", "y", ["eid"], "sb", ["path", "found"], LearnEndpoint)
            .Property("LocalEIDs", "ay", DbusChange.Constant, (network, writer) => writer.WriteBytes(LocalEids(network.Id)));
        Own = new DbusInterfaceOf<NetworkObject>("org.busbar.Network1")
            .Property("FreeEIDs", "ay", DbusChange.Silent, (network, writer) => writer.WriteBytes([.. _controller.FreeEids(network.Id).Select(static eid => eid.Value)]))
            .Property("Pools", "a(yyy)", DbusChange.Silent, WritePools)
            .Property("Routes", "a(yysyubt)", DbusChange.Silent, WriteRoutes);
    }

    public DbusInterfaceOf<NetworkObject> Network { get; }

    public DbusInterfaceOf<NetworkObject> Own { get; }

    private async Task LearnEndpoint(NetworkObject network, DbusCall call)
    {
        var eid = new Eid(call.Arguments.ReadByte());
        SetupOutcome outcome = await DbusAnswers.OfAsync(() => _controller.LearnEndpointAsync(network.Id, eid));
        call.Reply(writer =>
        {
            writer.WriteString(outcome.IsNew ? MctpPaths.Endpoint(outcome.Network, outcome.Eid) : "");
            writer.WriteBoolean(outcome.IsNew);
        });
    }

    private byte[] LocalEids(uint network) => [.. Assignable().Where(eid => _controller.Endpoints.Find(network, eid) is { IsLocal: true }).Select(eid => eid.Value)];

    // Bridge, first and last EID.
    private void WritePools(NetworkObject network, DbusWriter writer)
    {
        writer.OpenArray("(yyy)");
        foreach (ManagedEndpoint endpoint in EndpointsOf(network.Id))
        {
            if (endpoint.Pool is not { } pool) continue;
            writer.OpenStruct("yyy");
            writer.WriteByte(endpoint.Eid.Value);
            writer.WriteByte(pool.First.Value);
            writer.WriteByte(pool.Last.Value);
            writer.Close();
        }

        writer.Close();
    }

    // First and last EID, the link's name (empty for a gateway route), the gateway (0 for a direct one), MTU, whether packets are counted, and how many.
    private void WriteRoutes(NetworkObject network, DbusWriter writer)
    {
        writer.OpenArray("(yysyubt)");
        foreach (HostRoute route in _controller.Host.Routes())
        {
            if (route.Network != network.Id) continue;
            writer.OpenStruct("yysyubt");
            writer.WriteByte(route.First.Value);
            writer.WriteByte(route.Last.Value);
            writer.WriteString(_controller.Links.Find(route.Link)?.Host.Name ?? "");
            writer.WriteByte(route.Gateway.Value);
            writer.WriteUInt32((uint)route.Mtu);
            writer.WriteBoolean(route.Packets is not null);
            writer.WriteUInt64((ulong)(route.Packets ?? 0));
            writer.Close();
        }

        writer.Close();
    }

    private static IEnumerable<Eid> Assignable() => Enumerable.Range(8, 254 - 8 + 1).Select(value => new Eid((byte)value));

    private IEnumerable<ManagedEndpoint> EndpointsOf(uint network) =>
        Assignable().Select(eid => _controller.Endpoints.Find(network, eid)).OfType<ManagedEndpoint>();
}
