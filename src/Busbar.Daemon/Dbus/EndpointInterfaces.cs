// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>The interfaces of endpoint objects.</summary>
internal sealed class EndpointInterfaces
{
    private readonly NetworkController _controller;
    private readonly Func<ManagedEndpoint, string> _linkPath;

    public EndpointInterfaces(NetworkController controller, DbusOptions options, Func<ManagedEndpoint, string> linkPath)
    {
        _controller = controller;
        _linkPath = linkPath;
        Description = new DbusInterfaceOf<ManagedEndpoint>("xyz.openbmc_project.MCTP.Endpoint");
        if (options.NetworkIdAsInt32)
            Description.Property("NetworkId", "i", DbusChange.Constant, static (endpoint, writer) => writer.WriteInt32((int)endpoint.Network));
        else
            Description.Property("NetworkId", "u", DbusChange.Constant, static (endpoint, writer) => writer.WriteUInt32(endpoint.Network));
        Description
            .Property("EID", "y", DbusChange.Constant, static (endpoint, writer) => writer.WriteByte(endpoint.Eid.Value))
            .Property("SupportedMessageTypes", "ay", DbusChange.Constant, static (endpoint, writer) => writer.WriteBytes([.. endpoint.MessageTypes.Select(type => type.Raw)]))
            .Property("VendorDefinedMessageTypes", "a(yvq)", DbusChange.Constant, static (endpoint, writer) => RootInterfaces.WriteVendorSets(writer, endpoint.VendorSets));
        Uuid = new DbusInterfaceOf<ManagedEndpoint>("xyz.openbmc_project.Common.UUID")
            .Property("UUID", "s", DbusChange.Constant, static (endpoint, writer) => writer.WriteString((endpoint.Uuid ?? Guid.Empty).ToString()));
        Control = new DbusInterfaceOf<ManagedEndpoint>("au.com.codeconstruct.MCTP.Endpoint1")
            .Method("SetMTU", "u", ["mtu"], "", [], SetMtu)
            .Method("Remove", "", [], "", [], Remove)
            .Method("Recover", "", [], "", [], Recover)
            .Property("Connectivity", "s", DbusChange.Emitted, static (endpoint, writer) => writer.WriteString(endpoint.Connectivity.ToString()));
        Bridge = new DbusInterfaceOf<ManagedEndpoint>("au.com.codeconstruct.MCTP.Bridge1")
            .Property("PoolStart", "y", DbusChange.Constant, static (endpoint, writer) => writer.WriteByte(endpoint.Pool?.First.Value ?? 0))
            .Property("PoolEnd", "y", DbusChange.Constant, static (endpoint, writer) => writer.WriteByte(endpoint.Pool?.Last.Value ?? 0));
        Own = new DbusInterfaceOf<ManagedEndpoint>("org.busbar.Endpoint1")
            .Property("Interface", "o", DbusChange.Silent, (endpoint, writer) => writer.WriteObjectPath(_linkPath(endpoint)))
            .Property("PhysicalAddress", "ay", DbusChange.Constant, static (endpoint, writer) => DbusAnswers.WriteAddress(writer, endpoint.Address))
            .Property("Binding", "s", DbusChange.Constant, WriteBinding)
            .Property("Local", "b", DbusChange.Constant, static (endpoint, writer) => writer.WriteBoolean(endpoint.IsLocal))
            .Property("Kind", "s", DbusChange.Constant, static (endpoint, writer) => writer.WriteString(endpoint.Kind.ToString()))
            .Property("Bridge", "o", DbusChange.Constant, static (endpoint, writer) => writer.WriteObjectPath(BridgePath(endpoint)))
            .Property("Mtu", "u", DbusChange.Emitted, static (endpoint, writer) => writer.WriteUInt32((uint)endpoint.Mtu));
        OwnBridge = new DbusInterfaceOf<ManagedEndpoint>("org.busbar.Bridge1")
            .Property("Pool", "(yy)", DbusChange.Emitted, WritePool)
            .Property("RoutingTable", "a(yysbysyay)", DbusChange.Emitted, WriteRoutingTable);
    }

    public DbusInterfaceOf<ManagedEndpoint> Description { get; }

    public DbusInterfaceOf<ManagedEndpoint> Uuid { get; }

    public DbusInterfaceOf<ManagedEndpoint> Control { get; }

    public DbusInterfaceOf<ManagedEndpoint> Bridge { get; }

    public DbusInterfaceOf<ManagedEndpoint> Own { get; }

    public DbusInterfaceOf<ManagedEndpoint> OwnBridge { get; }

    private static string BridgePath(ManagedEndpoint endpoint) => endpoint.Bridge is { } bridge ? MctpPaths.Endpoint(bridge.Network, bridge.Eid) : "/";

    // First and last EID; both 0 for a bridge without a pool.
    private static void WritePool(ManagedEndpoint endpoint, DbusWriter writer)
    {
        writer.OpenStruct("yy");
        writer.WriteByte(endpoint.Pool?.First.Value ?? 0);
        writer.WriteByte(endpoint.Pool?.Last.Value ?? 0);
        writer.Close();
    }

    // First EID, count, kind, static, port, binding, medium, physical address.
    private static void WriteRoutingTable(ManagedEndpoint endpoint, DbusWriter writer)
    {
        writer.OpenArray("(yysbysyay)");
        foreach (RoutingTableEntry entry in endpoint.RoutingTable)
        {
            writer.OpenStruct("yysbysyay");
            writer.WriteByte(entry.First.Value);
            writer.WriteByte(entry.Count);
            writer.WriteString(entry.Kind.ToString());
            writer.WriteBoolean(entry.IsStatic);
            writer.WriteByte(entry.Port);
            writer.WriteString(entry.Binding.ToString());
            writer.WriteByte((byte)entry.Medium);
            DbusAnswers.WriteAddress(writer, entry.Address);
            writer.Close();
        }

        writer.Close();
    }

    private void WriteBinding(ManagedEndpoint endpoint, DbusWriter writer) =>
        writer.WriteString((_controller.Links.Find(endpoint.Link)?.Host.Binding ?? PhysicalBinding.Unspecified).ToString());

    private Task SetMtu(ManagedEndpoint endpoint, DbusCall call)
    {
        uint mtu = call.Arguments.ReadUInt32();
        if (mtu > int.MaxValue) throw new DbusException(DbusErrorName.InvalidArguments, $"Bad MTU {mtu}");
        return DbusAnswers.OfAsync(() => _controller.SetMtuAsync(endpoint.Network, endpoint.Eid, (int)mtu));
    }

    private Task Remove(ManagedEndpoint endpoint, DbusCall call) => DbusAnswers.OfAsync(() => _controller.RemoveEndpointAsync(endpoint.Network, endpoint.Eid));

    private Task Recover(ManagedEndpoint endpoint, DbusCall call) => DbusAnswers.OfAsync(() => _controller.RecoverEndpointAsync(endpoint.Network, endpoint.Eid));
}
