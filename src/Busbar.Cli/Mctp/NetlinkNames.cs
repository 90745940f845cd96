// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Cli;

/// <summary>Names for what is in rtnetlink messages, as the kernel's headers spell them (linux/rtnetlink.h, if_link.h, if_addr.h, neighbour.h).</summary>
internal static class NetlinkNames
{
    private static readonly string[] s_link =
    [
        "UNSPEC", "ADDRESS", "BROADCAST", "IFNAME", "MTU", "LINK", "QDISC", "STATS", "COST", "PRIORITY", "MASTER", "WIRELESS", "PROTINFO", "TXQLEN", "MAP", "WEIGHT",
        "OPERSTATE", "LINKMODE", "LINKINFO", "NET_NS_PID", "IFALIAS", "NUM_VF", "VFINFO_LIST", "STATS64", "VF_PORTS", "PORT_SELF", "AF_SPEC", "GROUP", "NET_NS_FD",
        "EXT_MASK", "PROMISCUITY", "NUM_TX_QUEUES", "NUM_RX_QUEUES", "CARRIER", "PHYS_PORT_ID", "CARRIER_CHANGES", "PHYS_SWITCH_ID", "LINK_NETNSID", "PHYS_PORT_NAME",
        "PROTO_DOWN", "GSO_MAX_SEGS", "GSO_MAX_SIZE", "PAD", "XDP", "EVENT", "NEW_NETNSID", "TARGET_NETNSID", "CARRIER_UP_COUNT", "CARRIER_DOWN_COUNT", "NEW_IFINDEX",
        "MIN_MTU", "MAX_MTU", "PROP_LIST", "ALT_IFNAME", "PERM_ADDRESS", "PROTO_DOWN_REASON", "PARENT_DEV_NAME", "PARENT_DEV_BUS_NAME",
    ];

    private static readonly string[] s_address = ["UNSPEC", "ADDRESS", "LOCAL", "LABEL", "BROADCAST", "ANYCAST", "CACHEINFO", "MULTICAST", "FLAGS"];
    private static readonly string[] s_route =
    [
        "UNSPEC", "DST", "SRC", "IIF", "OIF", "GATEWAY", "PRIORITY", "PREFSRC", "METRICS", "MULTIPATH", "PROTOINFO", "FLOW", "CACHEINFO", "SESSION", "MP_ALGO", "TABLE",
    ];

    private static readonly string[] s_neighbour = ["UNSPEC", "DST", "LLADDR", "CACHEINFO", "PROBES", "VLAN", "PORT", "VNI", "IFINDEX", "MASTER"];

    /// <summary>What kind of message it is; null for kinds that do not concern MCTP.</summary>
    public static string? Message(ushort type) => type switch
    {
        2 => "NLMSG_ERROR",
        3 => "NLMSG_DONE",
        16 => "RTM_NEWLINK",
        17 => "RTM_DELLINK",
        20 => "RTM_NEWADDR",
        21 => "RTM_DELADDR",
        24 => "RTM_NEWROUTE",
        25 => "RTM_DELROUTE",
        28 => "RTM_NEWNEIGH",
        29 => "RTM_DELNEIGH",
        _ => null,
    };

    /// <summary>The name of an attribute.</summary>
    /// <param name="message">The kind of message that it is in.</param>
    /// <param name="attribute">Its number, without flag bits.</param>
    public static string Attribute(ushort message, int attribute)
    {
        (string prefix, string[] names) = (message & ~3) switch
        {
            16 => ("IFLA_", s_link),
            20 => ("IFA_", s_address),
            24 => ("RTA_", s_route),
            28 => ("NDA_", s_neighbour),
            _ => ("ATTR_", []),
        };
        return attribute < names.Length ? prefix + names[attribute] : $"{prefix}#{attribute}";
    }

    /// <summary>Bytes between the message's header and its first attribute; -1 when it has none that we know.</summary>
    public static int BodyOf(ushort message) => (message & ~3) switch
    {
        16 => 16,
        20 => 8,
        24 or 28 => 12,
        _ => -1,
    };
}
