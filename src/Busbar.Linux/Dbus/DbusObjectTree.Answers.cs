// SPDX-License-Identifier: Apache-2.0
using System.Text;

namespace Busbar.Linux;

/// <content>What callers get.</content>
public sealed partial class DbusObjectTree
{
    private const string DocumentHead =
        """
        <!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
        "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
        <node>
         <interface name="org.freedesktop.DBus.Peer">
          <method name="Ping"/>
          <method name="GetMachineId">
           <arg type="s" name="machine_uuid" direction="out"/>
          </method>
         </interface>
         <interface name="org.freedesktop.DBus.Introspectable">
          <method name="Introspect">
           <arg type="s" name="xml_data" direction="out"/>
          </method>
         </interface>
         <interface name="org.freedesktop.DBus.Properties">
          <method name="Get">
           <arg type="s" name="interface_name" direction="in"/>
           <arg type="s" name="property_name" direction="in"/>
           <arg type="v" name="value" direction="out"/>
          </method>
          <method name="GetAll">
           <arg type="s" name="interface_name" direction="in"/>
           <arg type="a{sv}" name="properties" direction="out"/>
          </method>
          <method name="Set">
           <arg type="s" name="interface_name" direction="in"/>
           <arg type="s" name="property_name" direction="in"/>
           <arg type="v" name="value" direction="in"/>
          </method>
          <signal name="PropertiesChanged">
           <arg type="s" name="interface_name"/>
           <arg type="a{sv}" name="changed_properties"/>
           <arg type="as" name="invalidated_properties"/>
          </signal>
         </interface>

        """;

    private const string ManagerDescription =
        """
         <interface name="org.freedesktop.DBus.ObjectManager">
          <method name="GetManagedObjects">
           <arg type="a{oa{sa{sv}}}" name="objects" direction="out"/>
          </method>
          <signal name="InterfacesAdded">
           <arg type="o" name="object_path"/>
           <arg type="a{sa{sv}}" name="interfaces_and_properties"/>
          </signal>
          <signal name="InterfacesRemoved">
           <arg type="o" name="object_path"/>
           <arg type="as" name="interfaces"/>
          </signal>
         </interface>

        """;

    /// <summary>Answers a call, now or later; never fails.</summary>
    internal async Task AnswerAsync(DbusCall call)
    {
        try
        {
            Settle?.Invoke();

            // What is being found right now may be there in a moment.
            if (Missing is { } missing && Find(call.Path) is null) await missing(call.Path).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext);
            await RunAsync(call).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext);
            call.Reply();
        }
        catch (DbusException failure)
        {
            Refuse(call, failure.Name, failure.Message);
        }
        catch (Exception failure)
        {
            _connection.ReportFailure($"{call.Interface}.{call.Member} of {call.Path}", failure);
            Refuse(call, DbusErrorName.Failed, "Internal error");
        }
    }

    // The caller's mistakes may be such that even the error cannot be sent (its text cannot be a D-Bus string, say): then it gets none.
    private void Refuse(DbusCall call, string name, string message)
    {
        try
        {
            call.Fail(name, message);
        }
        catch (Exception failure)
        {
            _connection.ReportFailure("an error answer", failure);
        }
    }

    private Task RunAsync(DbusCall call)
    {
        DbusObjectNode node = Find(call.Path) ?? throw new DbusException(DbusErrorName.UnknownObject, $"Unknown object '{call.Path}'.");
        if (TryStandard(call, node, out Task work)) return work;
        DbusObject target = node.Object ?? throw new DbusException(DbusErrorName.UnknownObject, $"Unknown object '{call.Path}'.");
        foreach ((DbusInterface kind, object behind) in target.Interfaces)
        {
            if (call.Interface is not null && call.Interface != kind.Name) continue;
            if (!kind.HasMethod(call.Member)) continue;
            Expect(call, kind.Name, kind.InputOf(call.Member));
            return kind.CallAsync(behind, call);
        }

        throw UnknownMethod(call);
    }

    private bool TryStandard(DbusCall call, DbusObjectNode node, out Task work)
    {
        work = Task.CompletedTask;
        switch (call.Interface, call.Member)
        {
            case (IntrospectionInterface or null, "Introspect"):
                Expect(call, IntrospectionInterface, "");
                string document = Describe(node);
                call.Reply(writer => writer.WriteString(document));
                return true;
            case (PropertiesInterface or null, "Get"):
                Expect(call, PropertiesInterface, "ss");
                Get(call, node);
                return true;
            case (PropertiesInterface or null, "GetAll"):
                Expect(call, PropertiesInterface, "s");
                GetAll(call, node);
                return true;
            case (PropertiesInterface or null, "Set"):
                Expect(call, PropertiesInterface, "ssv");
                work = Set(call, node);
                return true;
            case (ManagerInterface or null, "GetManagedObjects") when node.Object is { IsManager: true }:
                Expect(call, ManagerInterface, "");
                GetManagedObjects(call, node);
                return true;
            case (IntrospectionInterface or PropertiesInterface, _):
            case (ManagerInterface, _) when node.Object is { IsManager: true }:
                throw UnknownMethod(call);
            default:
                return false;
        }
    }

    private static DbusException UnknownMethod(DbusCall call) =>
        new(DbusErrorName.UnknownMethod, $"Unknown method {call.Member} or interface {call.Interface ?? "(none given)"}.");

    private static void Expect(DbusCall call, string kind, string signature)
    {
        string got = call.Arguments.Signature;
        if (got != signature)
            throw new DbusException(DbusErrorName.InvalidArguments, $"{kind}.{call.Member} takes arguments of type '{signature}', not '{got}'.");
    }

    private static string Describe(DbusObjectNode node)
    {
        var document = new StringBuilder(DocumentHead);
        if (node.Object is { IsManager: true }) document.Append(ManagerDescription);
        foreach ((DbusInterface kind, _) in node.Object?.Interfaces ?? []) document.Append(kind.Description);
        if (node.Children is not null)
        {
            foreach (string name in node.Children.Keys) document.Append(" <node name=\"").Append(name).Append("\"/>\n");
        }

        return document.Append("</node>\n").ToString();
    }

    private static (DbusInterface Kind, object Target) InterfaceOf(DbusCall call, DbusObjectNode node, string name)
    {
        DbusObject target = node.Object ?? throw new DbusException(DbusErrorName.UnknownObject, $"Unknown object '{call.Path}'.");
        return target.Find(name) ?? throw new DbusException(DbusErrorName.UnknownInterface, $"Unknown interface '{name}'.");
    }

    private static (DbusInterface Kind, object Target, DbusProperty Property) PropertyOf(DbusCall call, DbusObjectNode node)
    {
        string name = call.Arguments.ReadString();
        string property = call.Arguments.ReadString();
        (DbusInterface kind, object target) = InterfaceOf(call, node, name);
        return (kind, target, kind.FindProperty(property) ?? throw new DbusException(DbusErrorName.UnknownProperty, $"Unknown interface {name} or property {property}."));
    }

    private static void Get(DbusCall call, DbusObjectNode node)
    {
        (DbusInterface kind, object target, DbusProperty property) = PropertyOf(call, node);
        call.Reply(writer =>
        {
            writer.OpenVariant(property.Signature);
            kind.Read(target, property, writer);
            writer.Close();
        });
    }

    private static void GetAll(DbusCall call, DbusObjectNode node)
    {
        string name = call.Arguments.ReadString();

        // Without a name the properties of all interfaces are wanted, in one dictionary.
        if (name.Length == 0)
        {
            List<(DbusInterface Kind, object Target)> all = node.Object?.Interfaces ?? [];
            call.Reply(writer =>
            {
                writer.OpenArray("{sv}");
                foreach ((DbusInterface kind, object target) in all)
                {
                    foreach (DbusProperty property in kind.Properties()) WriteEntry(writer, kind, target, property);
                }

                writer.Close();
            });
            return;
        }

        (DbusInterface one, object behind) = InterfaceOf(call, node, name);
        call.Reply(writer => WriteProperties(writer, one, behind));
    }

    private static async Task Set(DbusCall call, DbusObjectNode node)
    {
        (DbusInterface kind, object target, DbusProperty property) = PropertyOf(call, node);
        if (!property.IsWritable) throw new DbusException(DbusErrorName.PropertyReadOnly, $"Property '{property.Name}' is not writable.");
        call.Arguments.EnterVariant(property.Signature);
        await kind.WriteAsync(target, property, call.Arguments).ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext);
        call.Reply();
    }

    private static void GetManagedObjects(DbusCall call, DbusObjectNode node) => call.Reply(writer =>
    {
        writer.OpenArray("{oa{sa{sv}}}");
        foreach (DbusObject each in node.Below())
        {
            // Some readers take an object without any interface for a mistake.
            if (each.Interfaces.Count == 0) continue;
            writer.OpenEntry("oa{sa{sv}}");
            writer.WriteObjectPath(each.Path);
            WriteInterfaces(writer, each.Interfaces);
            writer.Close();
        }

        writer.Close();
    });
}
