// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using System.Text;

namespace Busbar.Daemon;

/// <summary>Writes the daemon's configuration for a node of a topology.</summary>
public static class TopologyConfiguration
{
    /// <summary>The EID of the topmost bus owner.</summary>
    public const int BusOwnerEid = 8;

    /// <summary>The socket at which the node's daemon can be asked.</summary>
    /// <param name="node">A bus owner or bridge.</param>
    /// <param name="folder">Where sockets and files are.</param>
    public static string SocketOf(TopologyNode node, string folder)
    {
        ArgumentNullException.ThrowIfNull(node);
        return Path.Combine(folder, $"{node.Name}.sock");
    }

    /// <summary>The whole configuration, as <c>busbar daemon -c</c> takes it.</summary>
    /// <param name="node">A bus owner or bridge.</param>
    /// <param name="folder">Where sockets and files are.</param>
    public static string For(TopologyNode node, string folder)
    {
        ArgumentNullException.ThrowIfNull(node);
        if (node.Kind == TopologyNodeKind.Endpoint) throw new ArgumentException($"{node.Name} is a simple endpoint and needs no daemon", nameof(node));
        var text = new StringBuilder();
        Line("backend = \"user\"");
        Line("[mctp]");
        Line($"uuid = \"{node.Uuid:D}\"");
        Line("[bus-owner]");
        Line("discover = true");
        if (node.Kind == TopologyNodeKind.BusOwner)
        {
            Line($"dynamic_eid_range = [{BusOwnerEid + 1}, 254]");
            Line($"max_pool_size = {Math.Max(1, node.Below.Select(link => link.Below.NeededPool).DefaultIfEmpty(1).Max())}");
        }
        else
        {
            Line($"wanted_pool_size = {node.NeededPool}");
            Line($"max_pool_size = {Math.Max(1, node.NeededPool)}");
        }

        Line("[daemon]");
        Line($"socket = \"{SocketOf(node, folder)}\"");
        Line("mux = \"\"");
        Line("dbus = \"none\"");
        Line("services = [\"echo\", \"bench\"]");
        if (node.Above is { } above) AddLink("up", $"link = \"{above.TextFor(folder, isOwner: false)}\"", "endpoint");
        int number = 0;
        foreach (TopologyLink link in node.Below) AddLink($"down{number++}", $"link = \"{link.TextFor(folder, isOwner: true)}\"", "bus-owner");
        if (node.Bus is { } bus) AddLink("bus", $"emulate = {{ endpoints = {bus.Endpoints}, uuid = \"{bus.Seed:D}\" }}", "bus-owner");
        return text.ToString();

        void AddLink(string name, string what, string role)
        {
            Line("[[link]]");
            Line($"name = \"{name}\"");
            Line(what);
            Line($"role = \"{role}\"");
            if (node.Kind == TopologyNodeKind.BusOwner) Line($"addresses = [{BusOwnerEid}]");
        }

        void Line(string line) => text.Append(CultureInfo.InvariantCulture, $"{line}\n");
    }
}
