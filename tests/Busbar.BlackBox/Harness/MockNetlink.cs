// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;

namespace Busbar.BlackBox;

/// <summary>A netlink socket of the mock kernel: dumps, changes with the kernel's verdict, announcements.</summary>
internal sealed class MockNetlink
{
    private const ushort Multi = 0x002;
    private const byte Family = 45;

    private readonly MockSystem _system;
    private readonly Action<byte[]> _send;

    public MockNetlink(MockSystem system, Action<byte[]> send)
    {
        _system = system;
        _send = send;
    }

    /// <summary>Types of the requests seen so far.</summary>
    public List<ushort> Seen { get; } = [];

    public void Take(ReadOnlySpan<byte> datagram)
    {
        var reader = new NetlinkReader(datagram);
        while (reader.TryNext())
        {
            Seen.Add(reader.Type);
            switch (reader.Type)
            {
                case Rtnetlink.RTM_GETLINK: Dump(reader.Sequence, _system.Interfaces.Select(link => Link(link, Rtnetlink.RTM_NEWLINK, Multi, 0))); break;
                case Rtnetlink.RTM_GETADDR: Dump(reader.Sequence, _system.Addresses.Select(address => Address(address.Interface, address.Eid, Rtnetlink.RTM_NEWADDR, Multi))); break;
                case Rtnetlink.RTM_GETROUTE: Dump(reader.Sequence, _system.Routes.Select(Route)); break;
                case Rtnetlink.RTM_GETNEIGH: Dump(reader.Sequence, _system.Neighbours.Select(Neighbour)); break;
                default: Acknowledge(reader, Change(reader)); break;
            }
        }
    }

    public void AnnounceLink(MockInterface link, bool isThere) => _send(Link(link, isThere ? Rtnetlink.RTM_NEWLINK : Rtnetlink.RTM_DELLINK, 0, 0));

    public void AnnounceAddress(int link, byte eid, bool isThere) => _send(Address(link, eid, isThere ? Rtnetlink.RTM_NEWADDR : Rtnetlink.RTM_DELADDR, 0));

    private static byte[] Link(MockInterface link, ushort type, ushort flags, uint sequence)
    {
        var message = new NetlinkWriter(new byte[512], type, flags, sequence);
        Span<byte> body = message.Body(Rtnetlink.InterfaceMessage);
        BitConverter.TryWriteBytes(body[2..], (ushort)290);
        BitConverter.TryWriteBytes(body[4..], link.Index);
        BitConverter.TryWriteBytes(body[8..], link.IsUp ? Rtnetlink.IFF_UP | Rtnetlink.IFF_LOWER_UP : 0);
        message.Add(Rtnetlink.IFLA_IFNAME, [.. System.Text.Encoding.ASCII.GetBytes(link.Name), 0]);
        message.Add(Rtnetlink.IFLA_ADDRESS, link.HardwareAddress);
        message.Add(Rtnetlink.IFLA_MTU, (uint)link.Mtu);
        message.Add(Rtnetlink.IFLA_MIN_MTU, (uint)link.MinimumMtu);
        message.Add(Rtnetlink.IFLA_MAX_MTU, (uint)link.MaximumMtu);
        int families = message.Open(Rtnetlink.IFLA_AF_SPEC | NetlinkWriter.Nested);
        int mctp = message.Open(Family | NetlinkWriter.Nested);
        message.Add(Rtnetlink.IFLA_MCTP_NET, link.Network);
        message.Add(Rtnetlink.IFLA_MCTP_PHYS_BINDING, (byte)link.Binding);
        message.Close(mctp);
        message.Close(families);
        return message.Finish().ToArray();
    }

    private static byte[] Address(int link, byte eid, ushort type, ushort flags)
    {
        var message = new NetlinkWriter(new byte[64], type, flags, 0);
        Span<byte> body = message.Body(Rtnetlink.AddressMessage);
        body[0] = Family;
        BitConverter.TryWriteBytes(body[4..], link);
        message.Add(Rtnetlink.IFA_LOCAL, eid);
        return message.Finish().ToArray();
    }

    private static byte[] Route(MockRoute route)
    {
        var message = new NetlinkWriter(new byte[128], Rtnetlink.RTM_NEWROUTE, Multi, 0);
        Span<byte> body = message.Body(Rtnetlink.RouteMessage);
        body[0] = Family;
        body[1] = (byte)(route.Last - route.First);
        body[7] = Rtnetlink.RTN_UNICAST;
        message.Add(Rtnetlink.RTA_DST, route.First);
        int metrics = message.Open(Rtnetlink.RTA_METRICS | NetlinkWriter.Nested);
        message.Add(Rtnetlink.RTAX_MTU, route.Mtu);
        message.Close(metrics);
        if (route.Gateway == 0)
        {
            message.Add(Rtnetlink.RTA_OIF, (uint)route.Interface);
        }
        else
        {
            byte[] gateway = new byte[Rtnetlink.GatewaySize];
            BitConverter.TryWriteBytes(gateway, route.GatewayNetwork);
            gateway[4] = route.Gateway;
            message.Add(Rtnetlink.RTA_GATEWAY, gateway);
        }

        return message.Finish().ToArray();
    }

    private static byte[] Neighbour((int Interface, byte Eid, byte[] Address) neighbour)
    {
        var message = new NetlinkWriter(new byte[128], Rtnetlink.RTM_NEWNEIGH, Multi, 0);
        Span<byte> body = message.Body(Rtnetlink.NeighbourMessage);
        body[0] = Family;
        BitConverter.TryWriteBytes(body[4..], neighbour.Interface);
        message.Add(Rtnetlink.NDA_DST, neighbour.Eid);
        message.Add(Rtnetlink.NDA_LLADDR, neighbour.Address);
        return message.Finish().ToArray();
    }

    private Errno Change(NetlinkReader request)
    {
        ReadOnlySpan<byte> body = request.Payload;
        switch (request.Type)
        {
            case Rtnetlink.RTM_NEWADDR or Rtnetlink.RTM_DELADDR:
                if (!MctpNetlinkAnswers.TryReadAddress(body, out NetlinkAddress address)) return Errno.EINVAL;
                return request.Type == Rtnetlink.RTM_NEWADDR
                    ? _system.AddAddress(address.Interface, address.Eid)
                    : _system.RemoveAddress(address.Interface, address.Eid);
            case Rtnetlink.RTM_NEWNEIGH or Rtnetlink.RTM_DELNEIGH:
                if (!MctpNetlinkAnswers.TryReadNeighbour(body, out NetlinkNeighbour neighbour)) return Errno.EINVAL;
                return request.Type == Rtnetlink.RTM_NEWNEIGH
                    ? _system.AddNeighbour(neighbour.Interface, neighbour.Eid, neighbour.HardwareAddress.ToArray())
                    : _system.RemoveNeighbour(neighbour.Interface, neighbour.Eid);
            case Rtnetlink.RTM_NEWROUTE or Rtnetlink.RTM_DELROUTE:
                if (!MctpNetlinkAnswers.TryReadRoute(body, out NetlinkRoute route)) return Errno.EINVAL;
                var entry = new MockRoute(route.First, route.Last, route.Gateway != 0 ? 0 : route.Interface, route.Gateway, route.GatewayNetwork, route.Mtu);
                return request.Type == Rtnetlink.RTM_NEWROUTE ? _system.AddRoute(entry) : _system.RemoveRoute(entry);
            case Rtnetlink.RTM_NEWLINK:
                return ChangeLink(body);
            default:
                return Errno.EOPNOTSUPP;
        }
    }

    private Errno ChangeLink(ReadOnlySpan<byte> body)
    {
        if (_system.Interface(BitConverter.ToInt32(body[4..])) is not { } link) return Errno.ENODEV;
        if ((BitConverter.ToUInt32(body[12..]) & Rtnetlink.IFF_UP) != 0) link.IsUp = (BitConverter.ToUInt32(body[8..]) & Rtnetlink.IFF_UP) != 0;
        var attributes = new NetlinkAttributes(body[Rtnetlink.InterfaceMessage..]);
        while (attributes.TryNext())
        {
            if (attributes.Type == Rtnetlink.IFLA_MTU)
            {
                if (attributes.UInt32 < link.MinimumMtu || attributes.UInt32 > link.MaximumMtu) return Errno.EINVAL;
                link.Mtu = (int)attributes.UInt32;
            }
            else if (attributes.Type == Rtnetlink.IFLA_AF_SPEC)
            {
                ReadOnlySpan<byte> network = NetlinkAttributes.Find(NetlinkAttributes.Find(attributes.Value, Family), Rtnetlink.IFLA_MCTP_NET);
                if (network.Length == sizeof(uint)) link.Network = BitConverter.ToUInt32(network);
            }
        }

        _system.NotifyInterface(link);
        return Errno.None;
    }

    private void Dump(uint sequence, IEnumerable<byte[]> messages)
    {
        var datagram = new List<byte>();
        var done = new NetlinkWriter(new byte[32], Rtnetlink.NLMSG_DONE, Multi, sequence);
        done.Body(sizeof(int));
        foreach (byte[] message in messages)
        {
            BitConverter.TryWriteBytes(message.AsSpan(8), sequence);
            datagram.AddRange(message);
        }

        datagram.AddRange(done.Finish());
        _send([.. datagram]);
    }

    private void Acknowledge(NetlinkReader request, Errno verdict)
    {
        var answer = new NetlinkWriter(new byte[64], Rtnetlink.NLMSG_ERROR, Rtnetlink.NLM_F_CAPPED, request.Sequence);
        Span<byte> body = answer.Body(sizeof(int) + NetlinkWriter.HeaderSize);
        BitConverter.TryWriteBytes(body, -(int)verdict);
        BitConverter.TryWriteBytes(body[8..], request.Type);
        BitConverter.TryWriteBytes(body[12..], request.Sequence);
        _send(answer.Finish().ToArray());
    }
}
