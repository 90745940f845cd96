// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>The rtnetlink requests that MCTP knows, as bytes. Each fits 128 bytes.</summary>
internal static class MctpNetlinkMessages
{
    public const int Largest = 128;

    private const byte Family = NativeNetwork.AF_MCTP;
    private const ushort Change = Rtnetlink.NLM_F_REQUEST | Rtnetlink.NLM_F_ACK;
    private const ushort Create = Change | Rtnetlink.NLM_F_CREATE | Rtnetlink.NLM_F_EXCL;

    public static ReadOnlySpan<byte> Address(Span<byte> buffer, uint sequence, in NetlinkAddress address, bool add)
    {
        var message = new NetlinkWriter(buffer, add ? Rtnetlink.RTM_NEWADDR : Rtnetlink.RTM_DELADDR, add ? Create : Change, sequence);
        Span<byte> body = message.Body(Rtnetlink.AddressMessage);
        body[0] = Family;
        BitConverter.TryWriteBytes(body[4..], address.Interface);
        message.Add(Rtnetlink.IFA_LOCAL, address.Eid);
        return message.Finish();
    }

    public static ReadOnlySpan<byte> Route(Span<byte> buffer, uint sequence, in NetlinkRoute route, bool add)
    {
        var message = new NetlinkWriter(buffer, add ? Rtnetlink.RTM_NEWROUTE : Rtnetlink.RTM_DELROUTE, add ? Create : Change, sequence);
        Span<byte> body = message.Body(Rtnetlink.RouteMessage);
        body[0] = Family;

        // A prefix length elsewhere; with MCTP how many EIDs follow the first.
        body[1] = (byte)(route.Last - route.First);
        body[7] = Rtnetlink.RTN_UNICAST;
        message.Add(Rtnetlink.RTA_DST, route.First);
        if (route.Gateway != 0)
        {
            Span<byte> gateway = stackalloc byte[Rtnetlink.GatewaySize];
            gateway.Clear();
            BitConverter.TryWriteBytes(gateway, route.GatewayNetwork);
            gateway[4] = route.Gateway;
            message.Add(Rtnetlink.RTA_GATEWAY, gateway);
        }
        else
        {
            message.Add(Rtnetlink.RTA_OIF, (uint)route.Interface);
        }

        if (add && route.Mtu != 0)
        {
            int metrics = message.Open(Rtnetlink.RTA_METRICS | NetlinkWriter.Nested);
            message.Add(Rtnetlink.RTAX_MTU, route.Mtu);
            message.Close(metrics);
        }

        return message.Finish();
    }

    public static ReadOnlySpan<byte> Neighbour(Span<byte> buffer, uint sequence, in NetlinkNeighbour neighbour, bool add)
    {
        var message = new NetlinkWriter(buffer, add ? Rtnetlink.RTM_NEWNEIGH : Rtnetlink.RTM_DELNEIGH, add ? Create : Change, sequence);
        Span<byte> body = message.Body(Rtnetlink.NeighbourMessage);
        body[0] = Family;
        BitConverter.TryWriteBytes(body[4..], neighbour.Interface);
        message.Add(Rtnetlink.NDA_DST, neighbour.Eid);
        if (add) message.Add(Rtnetlink.NDA_LLADDR, neighbour.HardwareAddress.Span);
        return message.Finish();
    }

    public static ReadOnlySpan<byte> Network(Span<byte> buffer, uint sequence, int index, uint network)
    {
        NetlinkWriter message = Link(buffer, sequence, index, isUp: null);
        int all = message.Open(Rtnetlink.IFLA_AF_SPEC | NetlinkWriter.Nested);
        int mctp = message.Open(Family | NetlinkWriter.Nested);
        message.Add(Rtnetlink.IFLA_MCTP_NET, network);
        message.Close(mctp);
        message.Close(all);
        return message.Finish();
    }

    public static ReadOnlySpan<byte> LinkState(Span<byte> buffer, uint sequence, int index, bool isUp) => Link(buffer, sequence, index, isUp).Finish();

    public static ReadOnlySpan<byte> LinkNumber(Span<byte> buffer, uint sequence, int index, ushort attribute, uint value)
    {
        NetlinkWriter message = Link(buffer, sequence, index, isUp: null);
        message.Add(attribute, value);
        return message.Finish();
    }

    public static ReadOnlySpan<byte> LinkName(Span<byte> buffer, uint sequence, int index, string name)
    {
        // A string attribute ends with a zero.
        Span<byte> text = stackalloc byte[InterfaceName.Size];
        text.Clear();
        int length = System.Text.Encoding.ASCII.GetBytes(name, text[..^1]);
        NetlinkWriter message = Link(buffer, sequence, index, isUp: null);
        message.Add(Rtnetlink.IFLA_IFNAME, text[..(length + 1)]);
        return message.Finish();
    }

    public static ReadOnlySpan<byte> Dump(Span<byte> buffer, uint sequence, ushort type, int bodySize)
    {
        var message = new NetlinkWriter(buffer, type, Rtnetlink.NLM_F_REQUEST | Rtnetlink.NLM_F_DUMP, sequence);

        // Asked for MCTP's own, the kernel lists only the interfaces that MCTP uses.
        message.Body(bodySize)[0] = Family;
        return message.Finish();
    }

    private static NetlinkWriter Link(Span<byte> buffer, uint sequence, int index, bool? isUp)
    {
        var message = new NetlinkWriter(buffer, Rtnetlink.RTM_NEWLINK, Change, sequence);
        Span<byte> body = message.Body(Rtnetlink.InterfaceMessage);
        BitConverter.TryWriteBytes(body[4..], index);
        if (isUp is { } up)
        {
            BitConverter.TryWriteBytes(body[8..], up ? Rtnetlink.IFF_UP : 0);
            BitConverter.TryWriteBytes(body[12..], Rtnetlink.IFF_UP);
        }

        return message;
    }
}
