// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Numbers of linux/netlink.h, rtnetlink.h, if_link.h, if_addr.h and neighbour.h, spelled as there.</summary>
internal static class Rtnetlink
{
    public const ushort NLMSG_ERROR = 2;
    public const ushort NLMSG_DONE = 3;
    public const ushort NLM_F_REQUEST = 0x001;
    public const ushort NLM_F_ACK = 0x004;
    public const ushort NLM_F_DUMP_INTR = 0x010;
    public const ushort NLM_F_CAPPED = 0x100;
    public const ushort NLM_F_ACK_TLVS = 0x200;
    public const ushort NLM_F_DUMP = 0x300;
    public const ushort NLM_F_EXCL = 0x200;
    public const ushort NLM_F_CREATE = 0x400;
    public const ushort NLMSGERR_ATTR_MSG = 1;

    public const ushort RTM_NEWLINK = 16;
    public const ushort RTM_DELLINK = 17;
    public const ushort RTM_GETLINK = 18;
    public const ushort RTM_NEWADDR = 20;
    public const ushort RTM_DELADDR = 21;
    public const ushort RTM_GETADDR = 22;
    public const ushort RTM_NEWROUTE = 24;
    public const ushort RTM_DELROUTE = 25;
    public const ushort RTM_GETROUTE = 26;
    public const ushort RTM_NEWNEIGH = 28;
    public const ushort RTM_DELNEIGH = 29;
    public const ushort RTM_GETNEIGH = 30;

    public const int InterfaceMessage = 16;
    public const int AddressMessage = 8;
    public const int RouteMessage = 12;
    public const int NeighbourMessage = 12;

    public const uint IFF_UP = 0x1;
    public const uint IFF_LOWER_UP = 0x10000;
    public const ushort IFLA_ADDRESS = 1;
    public const ushort IFLA_IFNAME = 3;
    public const ushort IFLA_MTU = 4;
    public const ushort IFLA_TXQLEN = 13;
    public const ushort IFLA_AF_SPEC = 26;
    public const ushort IFLA_CARRIER = 33;
    public const ushort IFLA_MIN_MTU = 50;
    public const ushort IFLA_MAX_MTU = 51;
    public const ushort IFLA_MCTP_NET = 1;
    public const ushort IFLA_MCTP_PHYS_BINDING = 2;

    public const ushort IFA_ADDRESS = 1;
    public const ushort IFA_LOCAL = 2;

    public const byte RTN_UNICAST = 1;
    public const byte RTN_LOCAL = 2;
    public const ushort RTA_DST = 1;
    public const ushort RTA_OIF = 4;
    public const ushort RTA_GATEWAY = 5;
    public const ushort RTA_METRICS = 8;
    public const ushort RTAX_MTU = 2;
    public const int GatewaySize = 8;

    public const ushort NDA_DST = 1;
    public const ushort NDA_LLADDR = 2;

    public const uint RTNLGRP_LINK = 1;
    public const uint RTNLGRP_MCTP_IFADDR = 34;
}
