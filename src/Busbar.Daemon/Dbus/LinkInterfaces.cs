// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>The interfaces of link objects.</summary>
internal sealed class LinkInterfaces
{
    private static readonly string[] s_outcome = ["eid", "net", "path", "new"];

    private readonly NetworkController _controller;

    public LinkInterfaces(NetworkController controller, DbusOptions options)
    {
        _controller = controller;
        Link = new DbusInterfaceOf<ManagedLink>("au.com.codeconstruct.MCTP.Interface1")
            .Property("Role", "s", DbusChange.Emitted, static (link, writer) => writer.WriteString(link.Role.ToString()), SetRole)
            .Property("NetworkId", "u", DbusChange.Emitted, static (link, writer) => writer.WriteUInt32(link.Host.Network));
        BusOwner = new DbusInterfaceOf<ManagedLink>("au.com.codeconstruct.MCTP.BusOwner1")
            .Method("SetupEndpoint", "ay", ["physaddr"], "yisb", s_outcome, SetupEndpoint)
            .Method("AssignEndpoint", "ay", ["physaddr"], "yisb", s_outcome, AssignEndpoint)
            .Method("AssignEndpointStatic", "ayy", ["physaddr", "eid"], "yisb", s_outcome, AssignEndpointStatic)
            .Method(
                "AssignBridgeStatic", "ayyyy", ["physaddr", "eid", "pool_start", "pool_size"], "yyisb", ["eid", "pool_start", "net", "path", "new"], AssignBridgeStatic)
            .Method("LearnEndpoint", "ay", ["physaddr"], "yisb", ["eid", "net", "path", "found"], LearnEndpoint);
        Own = new DbusInterfaceOf<ManagedLink>("org.busbar.Link1")
            .Property("Index", "i", DbusChange.Constant, static (link, writer) => writer.WriteInt32(link.Host.Index))
            .Property("Name", "s", DbusChange.Constant, static (link, writer) => writer.WriteString(link.Host.Name))
            .Property("Binding", "s", DbusChange.Constant, static (link, writer) => writer.WriteString(link.Host.Binding.ToString()))
            .Property("PhysicalAddress", "ay", DbusChange.Emitted, static (link, writer) => DbusAnswers.WriteAddress(writer, link.Host.Address))
            .Property("DevicePath", "s", DbusChange.Constant, static (link, writer) => writer.WriteString(link.Host.DevicePath ?? ""))
            .Property("Up", "b", DbusChange.Emitted, static (link, writer) => writer.WriteBoolean(link.Host.IsUp))
            .Property("Mtu", "u", DbusChange.Emitted, static (link, writer) => writer.WriteUInt32((uint)link.Host.Mtu))
            .Property("MinimumMtu", "u", DbusChange.Emitted, static (link, writer) => writer.WriteUInt32((uint)link.Host.MinimumMtu))
            .Property("MaximumMtu", "u", DbusChange.Emitted, static (link, writer) => writer.WriteUInt32((uint)link.Host.MaximumMtu))
            .Property("LocalEIDs", "ay", DbusChange.Silent, WriteLocalEids)
            .Property("Counters", "a{st}", DbusChange.Silent, (link, writer) => WriteCounters(writer, options.CountersOf(link)))
            .Property("Drops", "a{st}", DbusChange.Silent, (link, writer) => WriteDrops(writer, options.CountersOf(link)));
    }

    public DbusInterfaceOf<ManagedLink> Link { get; }

    public DbusInterfaceOf<ManagedLink> BusOwner { get; }

    public DbusInterfaceOf<ManagedLink> Own { get; }

    /// <summary>Names of our own interface's properties whose values are different now.</summary>
    public static string[] Changed(HostLink before, HostLink now)
    {
        List<string> names = [];
        if (before.Address != now.Address) names.Add("PhysicalAddress");
        if (before.IsUp != now.IsUp) names.Add("Up");
        if (before.Mtu != now.Mtu) names.Add("Mtu");
        if (before.MinimumMtu != now.MinimumMtu) names.Add("MinimumMtu");
        if (before.MaximumMtu != now.MaximumMtu) names.Add("MaximumMtu");
        return [.. names];
    }

    private static void WriteCounters(DbusWriter writer, LinkStatistics? counted) => DbusAnswers.WriteCounters(
        writer,
        counted is null
            ? []
            :
            [
                ("PacketsSent", counted.PacketsSent),
                ("BytesSent", counted.BytesSent),
                ("PacketsReceived", counted.PacketsReceived),
                ("BytesReceived", counted.BytesReceived),
                ("DoorbellsRung", counted.DoorbellsRung),
                ("Wakes", counted.Wakes),
                ("Dropped", counted.Drops.Total),
            ]);

    // Only what occurred: the list of reasons is long, and most never do.
    private static void WriteDrops(DbusWriter writer, LinkStatistics? counted)
    {
        List<(string, long)> drops = [];
        foreach (DropReason reason in Enum.GetValues<DropReason>())
        {
            if (counted?.Drops[reason] is > 0 and { } count) drops.Add((reason.ToString(), count));
        }

        DbusAnswers.WriteCounters(writer, drops.ToArray());
    }

    private void WriteLocalEids(ManagedLink link, DbusWriter writer) =>
        writer.WriteBytes([.. _controller.Host.Addresses().Where(address => address.Link == link.Host.Index).Select(address => address.Eid.Value)]);

    private Task SetRole(ManagedLink link, DbusReader reader)
    {
        string wanted = reader.ReadString();
        LinkRole role = wanted switch
        {
            "BusOwner" => LinkRole.BusOwner,
            "Endpoint" => LinkRole.Endpoint,
            _ => throw new DbusException(DbusErrorName.InvalidArguments, $"Unknown role '{wanted}': use BusOwner or Endpoint."),
        };
        return DbusAnswers.OfAsync(() => _controller.SetRoleAsync(link.Host.Index, role));
    }

    private async Task SetupEndpoint(ManagedLink link, DbusCall call)
    {
        PhysicalAddress address = DbusAnswers.ReadAddress(call.Arguments);
        SetupOutcome outcome = await DbusAnswers.OfAsync(() => _controller.SetupEndpointAsync(link.Host.Index, address));
        call.Reply(writer => DbusAnswers.WriteOutcome(writer, outcome));
    }

    private async Task AssignEndpoint(ManagedLink link, DbusCall call)
    {
        PhysicalAddress address = DbusAnswers.ReadAddress(call.Arguments);
        SetupOutcome outcome = await DbusAnswers.OfAsync(() => _controller.AssignEndpointAsync(link.Host.Index, address));
        call.Reply(writer => DbusAnswers.WriteOutcome(writer, outcome));
    }

    private async Task AssignEndpointStatic(ManagedLink link, DbusCall call)
    {
        PhysicalAddress address = DbusAnswers.ReadAddress(call.Arguments);
        var eid = new Eid(call.Arguments.ReadByte());
        SetupOutcome outcome = await DbusAnswers.OfAsync(() => _controller.AssignEndpointStaticAsync(link.Host.Index, address, eid));
        call.Reply(writer => DbusAnswers.WriteOutcome(writer, outcome));
    }

    private async Task AssignBridgeStatic(ManagedLink link, DbusCall call)
    {
        PhysicalAddress address = DbusAnswers.ReadAddress(call.Arguments);
        var eid = new Eid(call.Arguments.ReadByte());
        var start = new Eid(call.Arguments.ReadByte());
        byte size = call.Arguments.ReadByte();
        SetupOutcome outcome = await DbusAnswers.OfAsync(() => _controller.AssignBridgeStaticAsync(link.Host.Index, address, eid, start, size));
        call.Reply(writer => DbusAnswers.WriteOutcome(writer, outcome, withPool: true));
    }

    private async Task LearnEndpoint(ManagedLink link, DbusCall call)
    {
        PhysicalAddress address = DbusAnswers.ReadAddress(call.Arguments);
        SetupOutcome outcome = await DbusAnswers.OfAsync(() => _controller.LearnEndpointAsync(link.Host.Index, address));
        call.Reply(writer => DbusAnswers.WriteOutcome(writer, outcome));
    }
}
