// SPDX-License-Identifier: Apache-2.0
using Busbar.ControlPlane;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Daemon;

/// <summary>Says in words what a configuration means.</summary>
public static class ConfigurationText
{
    /// <summary>Writes what a daemon would do with it.</summary>
    /// <param name="configuration">The configuration.</param>
    /// <param name="writer">Gets lines.</param>
    public static void Write(DaemonConfiguration configuration, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(configuration);
        ArgumentNullException.ThrowIfNull(writer);
        bool isUser = configuration.Backend == DaemonBackend.User;
        writer.WriteLine(isUser
            ? $"back end user: Busbar's own stack, {(configuration.Forwards ? "forwarding between links" : "without forwarding")}"
            : "back end kernel: AF_MCTP and rtnetlink");
        writer.WriteLine($"role {Word(configuration.Role)} where nothing else is said; uuid {configuration.Uuid?.ToString() ?? "derived from the machine's identity"}");
        writer.WriteLine($"queries wait {configuration.MessageTimeout.TotalMilliseconds:0} ms for an answer");
        writer.WriteLine(
            $"EIDs {configuration.DynamicFirst} to {configuration.DynamicLast} are assigned dynamically, pools of at most {configuration.MaximumPoolSize}; "
            + $"{(configuration.EndpointPoll == TimeSpan.Zero ? "pools are not polled" : $"pools are polled every {configuration.EndpointPoll.TotalMilliseconds:0} ms")}; "
            + $"{(configuration.Discovers ? "endpoints are looked for" : "endpoints are set up on request")}");
        if (configuration.WantedPoolSize is { } wanted) writer.WriteLine($"as a bridge {(wanted == 0 ? "no" : $"{wanted}")} EIDs are asked for");
        foreach (NeighbourSettings place in configuration.Reservations) writer.WriteLine($"EID {place.Eid} is kept for {Place(place)}");
        foreach (InterfaceRule rule in configuration.Interfaces) writer.WriteLine($"role {Word(rule.Role ?? configuration.Role)} on {Which(rule)}");
        foreach (LinkSettings link in configuration.Links) writer.WriteLine(Link(link));
        foreach (RouteSettings route in configuration.Routes)
            writer.WriteLine($"route {route.First}-{route.Last} {(route.Link is { } via ? $"via {via}" : $"through {route.Gateway} in network {route.Network}")}{(route.Mtu == 0 ? "" : $" mtu {route.Mtu}")}");
        foreach (NeighbourSettings neighbour in configuration.Neighbours) writer.WriteLine($"neighbour {neighbour.Eid} at {Place(neighbour)}");
        Write(configuration.Daemon, isUser, writer);
    }

    private static void Write(DaemonSettings settings, bool isUser, TextWriter writer)
    {
        string path = settings.Socket ?? DaemonSocketPath.ForDaemon();
        writer.WriteLine(path.Length == 0 ? "no socket for clients" : $"clients at {path}, mode {Convert.ToString((int)settings.SocketMode, 8).PadLeft(4, '0')}{(settings.SocketGroup is { } group ? $", group {group}" : "")}");
        writer.WriteLine(settings.Mux.Length == 0 ? "no demultiplexer" : $"demultiplexer at @{settings.Mux}");
        writer.WriteLine(settings.Dbus switch
        {
            DbusChoice.None => "no D-Bus",
            DbusChoice.Address => $"D-Bus at {settings.DbusAddress}",
            var bus => $"D-Bus on the {bus.ToString().ToLowerInvariant()} bus",
        });
        if (isUser && settings.OffersEcho) writer.WriteLine("answers echo requests");
        if (isUser && settings.OffersBench) writer.WriteLine("answers bench requests");
        if (settings.MessageTypes.Count != 0) writer.WriteLine($"announces message types {string.Join(", ", settings.MessageTypes)}");
    }

    private static string Link(LinkSettings link)
    {
        string what = link.Emulated is { } bus ? $"emulated bus with {bus.Endpoints} endpoints" : link.Spec?.Text ?? "interface of the kernel";
        string addresses = link.Addresses.Count == 0 ? "" : $", EID {string.Join(", ", link.Addresses)}";
        return $"link {link.Name}: {what}, network {link.Network?.ToString() ?? (link.Spec is null && link.Emulated is null ? "as it is" : "1")}"
            + $"{(link.Role is { } role ? $", role {Word(role)}" : "")}{(link.Mtu is { } mtu ? $", mtu {mtu}" : "")}{addresses}"
            + $"{(link.Scan.Count == 0 ? "" : $", {link.Scan.Count} addresses to look at")}";
    }

    private static string Word(LinkRole role) => role switch
    {
        LinkRole.BusOwner => "bus-owner",
        LinkRole.Endpoint => "endpoint",
        _ => "unknown",
    };

    private static string Which(InterfaceRule rule) => rule.Kind switch
    {
        InterfaceMatchKind.All => "every link",
        InterfaceMatchKind.Binding => $"links of binding {rule.Binding}",
        _ => $"links of devices like {rule.Path}",
    };

    private static string Place(NeighbourSettings place) => place.Address == default(PhysicalAddress) ? place.Link : $"{place.Address} on {place.Link}";
}
