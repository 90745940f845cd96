// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.ControlPlane;
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>Between the contracts and what stands in documents. What cannot be converted is refused, whoever wrote it.</summary>
internal static class ReportConversion
{
    public static HostLink ToHostLink(LinkReport report) => new(
        report.Index,
        report.Name,
        report.Network,
        ToAddress(report.Address),
        report.Mtu,
        report.MinimumMtu,
        report.MaximumMtu,
        report.IsUp,
        Enum.TryParse(report.Binding, out PhysicalBinding binding) ? binding : PhysicalBinding.Unspecified)
    {
        DevicePath = report.DevicePath,
    };

    public static HostRoute ToHostRoute(RouteReport report) =>
        new(ToEid(report.First), ToEid(report.Last), report.Link, ToEid(report.Gateway), report.Network, report.Mtu) { Packets = report.Packets };

    public static RouteReport Of(in HostRoute route) => new()
    {
        First = route.First.Value,
        Last = route.Last.Value,
        Link = route.Link,
        Gateway = route.Gateway.Value,
        Network = route.Network,
        Mtu = route.Mtu,
        Packets = route.Packets,
    };

    public static HostNeighbour ToHostNeighbour(NeighbourReport report) => new(report.Link, ToEid(report.Eid), ToAddress(report.Address));

    public static NeighbourReport Of(in HostNeighbour neighbour) =>
        new() { Link = neighbour.Link, Eid = neighbour.Eid.Value, Address = neighbour.Address.ToString() };

    public static SetupOutcome ToOutcome(OutcomeReport report) => new(
        ToEid(report.Eid),
        report.Network,
        report.IsNew,
        report.Pool is { } pool ? new EidPool(ToEid(pool.First), pool.Last - pool.First + 1) : null);

    public static OutcomeReport Of(in SetupOutcome outcome) => new()
    {
        Network = outcome.Network,
        Eid = outcome.Eid.Value,
        IsNew = outcome.IsNew,
        Pool = outcome.Pool is { } pool ? Of(pool, outcome.Eid) : null,
    };

    public static PoolReport Of(EidPool pool, Eid bridge) => new() { Bridge = bridge.Value, First = pool.First.Value, Last = pool.First.Value + pool.Count - 1 };

    /// <summary>A byte.</summary>
    /// <exception cref="FormatException">It is none.</exception>
    public static Eid ToEid(int value) => value is >= 0 and <= 255 ? new Eid((byte)value) : throw new FormatException($"{value} is no EID; an EID is a number from 0 to 255");

    /// <summary>Hexadecimal bytes joined by colons; nothing for the empty address.</summary>
    /// <exception cref="FormatException">It is not that.</exception>
    public static PhysicalAddress ToAddress(string text)
    {
        if (text.Length == 0) return default;
        Span<byte> bytes = stackalloc byte[PhysicalAddress.MaximumLength];
        int count = 0;
        foreach (Range part in text.AsSpan().Split(':'))
        {
            if (count == bytes.Length || !byte.TryParse(text.AsSpan()[part], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out bytes[count]))
                throw new FormatException("a physical address is up to 32 hexadecimal bytes joined by colons, for instance 1d or 07:ec:80");
            count++;
        }

        return new PhysicalAddress(bytes[..count]);
    }
}
