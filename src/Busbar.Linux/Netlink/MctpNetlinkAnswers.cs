// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>What the kernel's rtnetlink messages about MCTP mean. A message that is too short, or of another family, is no answer.</summary>
internal static class MctpNetlinkAnswers
{
    private const byte Family = NativeNetwork.AF_MCTP;

    // MAX_ADDR_LEN of linux/netdevice.h.
    private const int LongestAddress = 32;

    public delegate bool Reader<T>(ReadOnlySpan<byte> payload, out T item);

    /// <summary>Reads NLMSG_ERROR, which is an acknowledgement when its number is 0.</summary>
    /// <param name="payload">i32 minus errno, the header of the request, its body unless capped, then attributes.</param>
    /// <param name="flags">Flags of the message.</param>
    /// <param name="words">The kernel's reason in words, if it gave one.</param>
    public static Errno ReadError(ReadOnlySpan<byte> payload, ushort flags, out string? words)
    {
        words = null;
        if (payload.Length < sizeof(int)) return Errno.EPROTO;
        int error = BitConverter.ToInt32(payload);
        if (error == 0) return Errno.None;
        ReadOnlySpan<byte> rest = payload[sizeof(int)..];
        if ((flags & Rtnetlink.NLM_F_ACK_TLVS) != 0 && rest.Length >= NetlinkWriter.HeaderSize)
        {
            uint skip = (flags & Rtnetlink.NLM_F_CAPPED) != 0 ? NetlinkWriter.HeaderSize : (BitConverter.ToUInt32(rest) + 3) & ~3u;
            if (skip <= (uint)rest.Length)
            {
                ReadOnlySpan<byte> text = NetlinkAttributes.Find(rest[(int)skip..], Rtnetlink.NLMSGERR_ATTR_MSG);
                if (!text.IsEmpty) words = System.Text.Encoding.ASCII.GetString(text.TrimEnd((byte)0));
            }
        }

        return error is < 0 and > -4096 ? (Errno)(-error) : Errno.EPROTO;
    }

    public static bool TryReadLink(ReadOnlySpan<byte> payload, out NetlinkLink link)
    {
        link = null!;
        if (payload.Length < Rtnetlink.InterfaceMessage) return false;
        int index = BitConverter.ToInt32(payload[4..]);
        uint state = BitConverter.ToUInt32(payload[8..]);
        string? name = null;
        int mtu = 0;
        int queue = 0;
        int least = 0;
        int most = 0;
        ReadOnlyMemory<byte> address = default;
        uint? network = null;
        byte? binding = null;
        bool carrier = (state & Rtnetlink.IFF_LOWER_UP) != 0;
        var attributes = new NetlinkAttributes(payload[Rtnetlink.InterfaceMessage..]);
        while (attributes.TryNext())
        {
            switch (attributes.Type)
            {
                case Rtnetlink.IFLA_IFNAME: name = attributes.Text; break;
                case Rtnetlink.IFLA_MTU: mtu = (int)Math.Min(attributes.UInt32, int.MaxValue); break;
                case Rtnetlink.IFLA_TXQLEN: queue = (int)Math.Min(attributes.UInt32, int.MaxValue); break;
                case Rtnetlink.IFLA_MIN_MTU: least = (int)Math.Min(attributes.UInt32, int.MaxValue); break;
                case Rtnetlink.IFLA_MAX_MTU: most = (int)Math.Min(attributes.UInt32, int.MaxValue); break;
                case Rtnetlink.IFLA_ADDRESS when attributes.Value.Length is > 0 and <= LongestAddress: address = attributes.Value.ToArray(); break;
                case Rtnetlink.IFLA_CARRIER: carrier = attributes.Byte != 0; break;
                case Rtnetlink.IFLA_AF_SPEC: ReadMctp(attributes.Value, ref network, ref binding); break;
            }
        }

        if (index <= 0 || name is null) return false;
        link = new NetlinkLink
        {
            Index = index,
            Name = name,
            Mtu = mtu,
            MinimumMtu = least,
            MaximumMtu = most,
            HardwareAddress = address,
            QueueLength = queue,
            IsUp = (state & Rtnetlink.IFF_UP) != 0,
            HasCarrier = carrier,
            Network = network,
            Binding = binding,
        };
        return network is not null;
    }

    public static bool TryReadAddress(ReadOnlySpan<byte> payload, out NetlinkAddress address)
    {
        address = default;
        if (payload.Length < Rtnetlink.AddressMessage || payload[0] != Family) return false;
        ReadOnlySpan<byte> attributes = payload[Rtnetlink.AddressMessage..];
        ReadOnlySpan<byte> eid = NetlinkAttributes.Find(attributes, Rtnetlink.IFA_LOCAL);
        if (eid.IsEmpty) eid = NetlinkAttributes.Find(attributes, Rtnetlink.IFA_ADDRESS);
        if (eid.IsEmpty) return false;
        address = new NetlinkAddress(BitConverter.ToInt32(payload[4..]), eid[0]);
        return true;
    }

    public static bool TryReadRoute(ReadOnlySpan<byte> payload, out NetlinkRoute route)
    {
        route = default;
        if (payload.Length < Rtnetlink.RouteMessage || payload[0] != Family) return false;
        int first = -1;
        int link = 0;
        byte gateway = 0;
        uint network = 0;
        uint mtu = 0;
        var attributes = new NetlinkAttributes(payload[Rtnetlink.RouteMessage..]);
        while (attributes.TryNext())
        {
            switch (attributes.Type)
            {
                case Rtnetlink.RTA_DST when !attributes.Value.IsEmpty: first = attributes.Byte; break;
                case Rtnetlink.RTA_OIF: link = (int)attributes.UInt32; break;
                case Rtnetlink.RTA_GATEWAY when attributes.Value.Length >= Rtnetlink.GatewaySize:
                    network = attributes.UInt32;
                    gateway = attributes.Value[4];
                    break;
                case Rtnetlink.RTA_METRICS:
                    ReadOnlySpan<byte> value = NetlinkAttributes.Find(attributes.Value, Rtnetlink.RTAX_MTU);
                    if (value.Length >= sizeof(uint)) mtu = BitConverter.ToUInt32(value);
                    break;
            }
        }

        int last = first + payload[1];
        if (first < 0 || last > byte.MaxValue) return false;
        route = new NetlinkRoute { First = (byte)first, Last = (byte)last, Interface = link, Gateway = gateway, GatewayNetwork = network, Mtu = mtu, Kind = payload[7] };
        return true;
    }

    public static bool TryReadNeighbour(ReadOnlySpan<byte> payload, out NetlinkNeighbour neighbour)
    {
        neighbour = default;
        if (payload.Length < Rtnetlink.NeighbourMessage || payload[0] != Family) return false;
        ReadOnlySpan<byte> attributes = payload[Rtnetlink.NeighbourMessage..];
        ReadOnlySpan<byte> eid = NetlinkAttributes.Find(attributes, Rtnetlink.NDA_DST);
        if (eid.IsEmpty) return false;
        neighbour = new NetlinkNeighbour(BitConverter.ToInt32(payload[4..]), eid[0], NetlinkAttributes.Find(attributes, Rtnetlink.NDA_LLADDR).ToArray());
        return true;
    }

    private static void ReadMctp(ReadOnlySpan<byte> families, ref uint? network, ref byte? binding)
    {
        var attributes = new NetlinkAttributes(NetlinkAttributes.Find(families, Family));
        while (attributes.TryNext())
        {
            if (attributes.Type == Rtnetlink.IFLA_MCTP_NET) network = attributes.UInt32;
            else if (attributes.Type == Rtnetlink.IFLA_MCTP_PHYS_BINDING) binding = attributes.Byte;
        }
    }
}
