// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Mctp;

namespace Busbar.Cli;

/// <summary>Draws a <see cref="TreeReport"/>: with branches on a terminal, indented elsewhere.</summary>
internal sealed class TreeText
{
    private readonly TextWriter _writer;
    private readonly bool _isRich;

    private TreeText(TextWriter writer, bool isRich)
    {
        _writer = writer;
        _isRich = isRich;
    }

    /// <summary>Draws it.</summary>
    /// <param name="report">The tree.</param>
    /// <param name="writer">Gets the lines.</param>
    /// <param name="isRich">True for branches and colours.</param>
    public static void Write(TreeReport report, TextWriter writer, bool isRich)
    {
        var text = new TreeText(writer, isRich);
        if (report.Networks.Count == 0) writer.WriteLine("no networks");
        foreach (TreeNetwork network in report.Networks) text.Draw(network);
    }

    private void Draw(TreeNetwork network)
    {
        int endpoints = network.Links.Sum(link => Count(link.Endpoints));
        string free = network.FreeEids is { } eids ? $", {eids} EIDs free" : string.Empty;
        _writer.WriteLine($"{Bold($"network {network.Network}")}  {endpoints} {(endpoints == 1 ? "endpoint" : "endpoints")}{free}");
        IReadOnlyList<TreeRange> strays = network.Unreachable ?? [];
        for (int i = 0; i < network.Links.Count; i++)
        {
            bool isLast = i == network.Links.Count - 1 && strays.Count == 0;
            TreeLink link = network.Links[i];
            _writer.WriteLine(Branch(isLast) + Line(link));
            Draw(link.Endpoints, link.Ranges ?? [], Trunk(isLast));
        }

        for (int i = 0; i < strays.Count; i++) _writer.WriteLine($"{Branch(i == strays.Count - 1)}{Line(strays[i])}  {Bad($"gateway {strays[i].Gateway} unreachable")}");
    }

    private void Draw(IReadOnlyList<TreeEndpoint> endpoints, IReadOnlyList<TreeRange> holds, string indent)
    {
        for (int i = 0; i < endpoints.Count; i++)
        {
            TreeEndpoint endpoint = endpoints[i];
            bool isLast = i == endpoints.Count - 1 && holds.Count == 0;
            _writer.WriteLine(indent + Branch(isLast) + Line(endpoint));
            Draw(endpoint.Behind ?? [], endpoint.Holds ?? [], indent + Trunk(isLast));
        }

        for (int i = 0; i < holds.Count; i++) _writer.WriteLine(indent + Branch(i == holds.Count - 1) + Line(holds[i]));
    }

    private string Line(TreeLink link)
    {
        var words = new List<string> { Bold(link.Name) };
        if (link.Binding is not null) words.Add(link.Binding);
        if (link.Role is not null) words.Add(link.Role);
        words.Add(link.Up ? Good("up") : Bad("down"));
        if (link.Mtu is { } mtu) words.Add($"mtu {mtu}");
        if (link.Address is not null) words.Add($"address {Short(link.Address)}");
        words.Add(link.LocalEids.Count == 0 ? "no eid of ours" : $"our eid {string.Join(", ", link.LocalEids)}");
        return string.Join("  ", words);
    }

    private string Line(TreeEndpoint endpoint)
    {
        var words = new List<string> { Bold($"eid {endpoint.Eid}"), endpoint.Bridge ? "bridge" : "endpoint" };
        if (endpoint.Pool is { } pool) words.Add($"pool {pool.First}-{pool.Last}");
        if (endpoint.Address is not null) words.Add($"lladdr {Short(endpoint.Address)}");
        if (endpoint.Types.Count != 0) words.Add($"types {string.Join(",", endpoint.Types.Select(TypeName))}");
        if (endpoint.Vendors is { } vendors) words.Add($"vendor [{string.Join("; ", vendors)}]");
        if (endpoint.Mtu is { } mtu) words.Add($"mtu {mtu}");
        if (endpoint.Uuid is not null) words.Add($"uuid {endpoint.Uuid}");
        words.Add(endpoint.State switch { "available" => Good(endpoint.State), "routed" => endpoint.State, _ => Bad(endpoint.State) });
        return string.Join("  ", words);
    }

    private static string Line(TreeRange range)
    {
        string eids = range.First == range.Last ? $"eid {range.First}" : $"eids {range.First}-{range.Last}";
        if (range.Port is null) return range.Mtu is null ? $"{eids}  routed" : $"{eids}  mtu {range.Mtu}  routed";
        string address = range.Address is null ? string.Empty : $" at {Short(range.Address)}";
        return $"{eids}  in its routing table, port {range.Port} ({range.Binding}){address}";
    }

    private static string TypeName(int type) => Names.ShortOf(new MessageType((byte)type)) ?? string.Create(CultureInfo.InvariantCulture, $"0x{type:x2}");

    private static string Short(string address) => address.Contains(':', StringComparison.Ordinal) ? address : "0x" + address;

    private static int Count(IReadOnlyList<TreeEndpoint> endpoints) => endpoints.Sum(endpoint => 1 + Count(endpoint.Behind ?? []));

    private string Branch(bool isLast) => !_isRich ? "  " : isLast ? "└─ " : "├─ ";

    private string Trunk(bool isLast) => !_isRich || isLast ? (_isRich ? "   " : "  ") : "│  ";

    private string Bold(string text) => _isRich ? $"\e[1m{text}\e[0m" : text;

    private string Good(string text) => _isRich ? $"\e[32m{text}\e[0m" : text;

    private string Bad(string text) => _isRich ? $"\e[31m{text}\e[0m" : text;
}
