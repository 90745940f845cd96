// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Daemon;

/// <summary>The interfaces of the root object: registrations of programs that serve message types, and the daemon itself.</summary>
internal sealed class RootInterfaces
{
    private readonly NetworkController _controller;
    private readonly DbusConnection _connection;

    // One owner object for each caller that has registered something.
    private readonly Dictionary<string, object> _owners = new(StringComparer.Ordinal);

    public RootInterfaces(NetworkController controller, DbusConnection connection, DbusOptions options)
    {
        _controller = controller;
        _connection = connection;
        Root = new DbusInterfaceOf<RootInterfaces>("au.com.codeconstruct.MCTP1")
            .Method("RegisterTypeSupport", "yau", ["msg_type", "versions"], "", [], static (root, call) => root.RegisterType(call))
            .Method("RegisterVDMTypeSupport", "yvq", ["vid_format", "vid", "command_set"], "", [], static (root, call) => root.RegisterVendorSet(call));
        Daemon = new DbusInterfaceOf<RootInterfaces>("org.busbar.Daemon1")
            .Property("Version", "s", DbusChange.Constant, (_, writer) => writer.WriteString(options.Version))
            .Property("Backend", "s", DbusChange.Constant, (_, writer) => writer.WriteString(options.Backend))
            .Property("UUID", "s", DbusChange.Constant, static (root, writer) => writer.WriteString(root._controller.Options.Uuid.ToString()))
            .Property("MessageTypes", "ay", DbusChange.Silent, static (root, writer) => writer.WriteBytes([.. root._controller.Types.MessageTypes.Select(type => type.Raw)]))
            .Property("VendorDefinedMessageTypes", "a(yvq)", DbusChange.Silent, static (root, writer) => WriteVendorSets(writer, root._controller.Types.VendorSets))
            .Property("ControlCounters", "a{st}", DbusChange.Silent, static (root, writer) => root.WriteControlCounters(writer))
            .Property("DbusCounters", "a{st}", DbusChange.Silent, static (root, writer) => root.WriteDbusCounters(writer));
    }

    public DbusInterfaceOf<RootInterfaces> Root { get; }

    public DbusInterfaceOf<RootInterfaces> Daemon { get; }

    /// <summary>A caller left the bus: what it had registered is not served any more.</summary>
    public void Forget(string caller)
    {
        if (_owners.Remove(caller, out object? owner)) _controller.Types.Unregister(owner);
    }

    /// <summary>The bus itself went, and with it all callers.</summary>
    public void ForgetAll()
    {
        foreach (string caller in _owners.Keys.ToArray()) Forget(caller);
    }

    public static void WriteVendorSets(DbusWriter writer, IReadOnlyList<VendorDefinedSet> sets)
    {
        writer.OpenArray("(yvq)");
        foreach (VendorDefinedSet set in sets)
        {
            writer.OpenStruct("yvq");
            writer.WriteByte((byte)set.Format);
            writer.OpenVariant(set.Format == VendorIdFormat.Pci ? "q" : "u");
            if (set.Format == VendorIdFormat.Pci) writer.WriteUInt16((ushort)set.VendorId);
            else writer.WriteUInt32(set.VendorId);
            writer.Close();
            writer.WriteUInt16(set.CommandSet);
            writer.Close();
        }

        writer.Close();
    }

    private Task RegisterType(DbusCall call)
    {
        byte type = call.Arguments.ReadByte();
        List<uint> versions = [];
        call.Arguments.EnterArray("u");
        while (!call.Arguments.AtEnd)
        {
            versions.Add(call.Arguments.ReadUInt32());

            // An answer of the control protocol counts them with one byte; a caller may send millions.
            if (versions.Count > byte.MaxValue) throw new DbusException(DbusErrorName.InvalidArguments, $"Message type {type} has more than {byte.MaxValue} versions");
        }

        call.Arguments.Exit();
        return Register(call.Sender, owner => _controller.Types.RegisterType(owner, type, versions));
    }

    private Task RegisterVendorSet(DbusCall call)
    {
        byte format = call.Arguments.ReadByte();
        string contents = call.Arguments.PeekVariant();
        (string wanted, string name) = format switch
        {
            (byte)VendorIdFormat.Pci => ("q", "PCIe"),
            (byte)VendorIdFormat.Iana => ("u", "IANA"),
            _ => throw new DbusException(DbusErrorName.InvalidArguments, $"Unsupported VID format: {format}"),
        };
        if (contents != wanted) throw new DbusException(DbusErrorName.InvalidArguments, $"Expected format is {name} but variant contains '{contents}'");
        call.Arguments.EnterVariant(wanted);
        uint vendor = wanted == "q" ? call.Arguments.ReadUInt16() : call.Arguments.ReadUInt32();
        call.Arguments.Exit();
        ushort set = call.Arguments.ReadUInt16();
        return Register(call.Sender, owner => _controller.Types.RegisterVendorSet(owner, new VendorDefinedSet((VendorIdFormat)format, vendor, set)));
    }

    private Task Register(string caller, Action<object> register)
    {
        bool isNew = !_owners.TryGetValue(caller, out object? owner);
        owner ??= new object();
        try
        {
            register(owner);
        }
        catch (ControlPlaneException refused)
        {
            throw DbusAnswers.Translate(refused);
        }

        if (isNew) _owners.Add(caller, owner);
        return Task.CompletedTask;
    }

    private void WriteControlCounters(DbusWriter writer)
    {
        ControlStatistics counted = _controller.Statistics;
        DbusAnswers.WriteCounters(
            writer,
            [
                ("Queries", counted.Queries),
                ("Retries", counted.Retries),
                ("TimeOuts", counted.TimeOuts),
                ("BadAnswers", counted.BadAnswers),
                ("NotReadyAnswers", counted.NotReadyAnswers),
                ("SendFailures", counted.SendFailures),
                ("Assignments", counted.Assignments),
                ("Conflicts", counted.Conflicts),
                ("Pools", counted.Pools),
                ("PoolsRefused", counted.PoolsRefused),
                ("Recoveries", counted.Recoveries),
                ("EndpointsLost", counted.EndpointsLost),
                ("EndpointsExchanged", counted.EndpointsExchanged),
            ]);
    }

    private void WriteDbusCounters(DbusWriter writer)
    {
        DbusStatistics counted = _connection.Statistics;
        DbusAnswers.WriteCounters(
            writer,
            [
                ("Calls", counted.Calls),
                ("ErrorsAnswered", counted.ErrorsAnswered),
                ("CallsRefused", counted.CallsRefused),
                ("SignalsSent", counted.SignalsSent),
                ("MessagesDropped", counted.MessagesDropped),
                ("HandlerFailures", counted.HandlerFailures),
            ]);
    }
}
