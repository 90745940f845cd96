// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>The kernel's announcements about interfaces and MCTP addresses.</summary>
public static class NetlinkChanges
{
    /// <summary>Joins the groups that announce them: RTNLGRP_LINK and RTNLGRP_MCTP_IFADDR.</summary>
    /// <param name="channel">Who wants to hear them.</param>
    /// <exception cref="LinuxException">The kernel knows no such group, because it has no MCTP.</exception>
    public static void Join(INetlinkChannel channel)
    {
        ArgumentNullException.ThrowIfNull(channel);
        channel.Join(Rtnetlink.RTNLGRP_LINK);
        channel.Join(Rtnetlink.RTNLGRP_MCTP_IFADDR);
    }

    /// <summary>Reads announcements. Those about other things are left out, and what is no whole message.</summary>
    /// <param name="messages">A datagram.</param>
    public static IReadOnlyList<NetlinkChange> Read(ReadOnlySpan<byte> messages)
    {
        var found = new List<NetlinkChange>();
        var reader = new NetlinkReader(messages);
        while (reader.TryNext())
        {
            switch (reader.Type)
            {
                case Rtnetlink.RTM_NEWLINK or Rtnetlink.RTM_DELLINK:
                    MctpNetlinkAnswers.TryReadLink(reader.Payload, out NetlinkLink? link);
                    if (link is not null) found.Add(new(reader.Type == Rtnetlink.RTM_NEWLINK ? NetlinkChangeKind.LinkSet : NetlinkChangeKind.LinkRemoved, link.Index, link));
                    break;
                case Rtnetlink.RTM_NEWADDR or Rtnetlink.RTM_DELADDR when MctpNetlinkAnswers.TryReadAddress(reader.Payload, out NetlinkAddress address):
                    NetlinkChangeKind kind = reader.Type == Rtnetlink.RTM_NEWADDR ? NetlinkChangeKind.AddressAdded : NetlinkChangeKind.AddressRemoved;
                    found.Add(new(kind, address.Interface, Eid: address.Eid));
                    break;
            }
        }

        return found;
    }

    /// <summary>Whether announcements say something about MCTP; those about other interfaces of the system come as well.</summary>
    /// <param name="messages">A datagram.</param>
    /// <param name="isKnown">Whether an interface of that index was known to carry MCTP.</param>
    public static bool ConcernMctp(ReadOnlySpan<byte> messages, Func<int, bool> isKnown)
    {
        ArgumentNullException.ThrowIfNull(isKnown);
        var reader = new NetlinkReader(messages);
        while (reader.TryNext())
        {
            switch (reader.Type)
            {
                case Rtnetlink.RTM_NEWADDR or Rtnetlink.RTM_DELADDR when MctpNetlinkAnswers.TryReadAddress(reader.Payload, out _):
                case Rtnetlink.RTM_NEWLINK when MctpNetlinkAnswers.TryReadLink(reader.Payload, out _):
                case Rtnetlink.RTM_NEWLINK or Rtnetlink.RTM_DELLINK when reader.Payload.Length >= Rtnetlink.InterfaceMessage && isKnown(BitConverter.ToInt32(reader.Payload[4..])):
                    return true;
            }
        }

        return false;
    }
}
