// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Node;

/// <summary>The one place where the core's status values become exceptions with words.</summary>
internal static class Failures
{
    public static MctpException OfSend(SendStatus status, in MctpEndPoint to, int length) => status switch
    {
        SendStatus.WouldBlock => new(MctpError.WouldBlock, "the link has no room; wait or send less"),
        SendStatus.NoRoute => new(MctpError.NoRoute, $"no route to EID {to.Eid} in network {to.Network}; add a route or use an extended address"),
        SendStatus.NoLink => new(MctpError.NoRoute, $"there is no link {to.Link}; 'link' in an extended address is an index of this node"),
        SendStatus.NoTag => new(MctpError.NoTag, $"all 8 tags toward EID {to.Eid} are in use; wait for answers"),
        SendStatus.TooLong => new(MctpError.TooLong, $"a message of {length} bytes is longer than the limit"),
        SendStatus.LinkDown => new(MctpError.LinkDown, $"the link toward EID {to.Eid} is down"),
        SendStatus.NotPermitted => new(MctpError.MissingFacility, "sending through the kernel's AF_MCTP needs CAP_NET_RAW; run as root"),
        SendStatus.Closed => new(MctpError.Closed, "the socket is closed"),
        _ => new(MctpError.BadAddress, $"EID {to.Eid}, type {to.Type}, tag {to.Tag} cannot be sent to ({status})"),
    };

    public static MctpException OfBind(BindStatus status, in MctpEndPoint local) => status switch
    {
        BindStatus.AddressInUse => new(MctpError.AddressInUse, $"type {local.Type} is bound already for EID {local.Eid}; close the other socket"),
        BindStatus.AlreadyBound => new(MctpError.AddressInUse, "the socket is bound or connected already; open another one"),
        BindStatus.Closed => new(MctpError.Closed, "the socket is closed"),
        _ => new(MctpError.BadAddress, $"type {local.Type}, EID {local.Eid}, network {local.Network} cannot be bound ({status})"),
    };
}
