// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Mctp;

/// <content>
/// Forwarding (DSP0236, bridge): a packet for somebody else leaves, unchanged, on the link to which the network's routes lead. Packet by packet, in the order of arrival, without a
/// look at tags and without reassembly.
/// </content>
public sealed partial class MctpStack
{
    private const int FirstAssignable = 8;

    private bool _forwards;

    /// <summary>
    /// True to pass packets for other endpoints on from link to link, each within its network; false to drop them (<see cref="DropReason.NotForUs"/>). May be changed
    /// at any time.
    /// </summary>
    public bool Forwards
    {
        get => _forwards;
        set
        {
            if (_forwards == value) return;
            _forwards = value;
            foreach (LinkPort port in _ports) RefreshTap(port);
        }
    }

    /// <summary>
    /// Whether a packet that waits on a link's medium should be taken now. False while the link that it is to leave on has no room, but not for longer than
    /// <see cref="MctpStackOptions.ForwardHold"/>.
    /// </summary>
    internal bool HasRoomBehind(LinkPort port, uint header, int length, long now)
    {
        LinkPort? to = port.Wire;
        if (to is null)
        {
            if (!_forwards || !port.Link.IsAdministrativelyUp || port.Network.Accepts((int)(header >> 8) & 0xFF)) return true;
            if (port.Network.Find(new Eid((byte)(header >> 8))) is not { } destination) return true;
            to = destination.Port;
            if (to.Link.Room(1, length) != SendRoom.Later)
            {
                to.FullSince = long.MaxValue;
                return true;
            }

            // What would be dropped anyway need not wait for room.
            if (RefuseToForward(port, destination, header, length) is not null) return true;
            if (to.FullSince == long.MaxValue) to.FullSince = now;
            if (now - to.FullSince >= _options.ForwardHold) return true;
        }
        else if (Room(to, length) != SendRoom.Later)
        {
            return true;
        }

        _retryAt = now + 1;
        return false;
    }

    private static SendRoom Room(LinkPort port, int length) => port.Link.IsUp ? port.Link.Room(1, length) : SendRoom.Down;

    private void Forward(LinkPort port, uint header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int length = MctpHeader.Size + first.Length + second.Length;
        if (port.Network.Find(new Eid((byte)(header >> 8))) is not { } destination)
        {
            port.CountDrop(Statistics, RefuseBySource(port, header, length) ?? DropReason.NoRoute);
            return;
        }

        if (RefuseToForward(port, destination, header, length) is { } reason)
        {
            port.CountDrop(Statistics, reason);
            return;
        }

        LinkPort to = destination.Port;
        MctpLink link = to.Link;

        // Most packets find room, and a link that has some needs to be asked only once.
        if (!link.Write(destination.Address, new MctpHeader(header), first, second) && !WriteAgain(port, destination, header, first, second)) return;
        LinkStatistics statistics = link.Statistics;
        statistics.PacketsSent++;
        statistics.BytesSent += length;
        Statistics.PacketsSent++;
        Statistics.PacketsForwarded++;
        destination.Route.Count(1, length);
        _transmitter.Publish(to, more: true);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool WriteAgain(LinkPort port, Destination destination, uint header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        MctpLink link = destination.Port.Link;
        DropReason reason;
        switch (link.Room(1, MctpHeader.Size + first.Length + second.Length))
        {
            case SendRoom.Now:
                if (link.Write(destination.Address, new MctpHeader(header), first, second)) return true;
                reason = DropReason.LinkRefused;
                break;
            case SendRoom.Later:
                reason = DropReason.ForwardFull;
                break;
            case SendRoom.Never:
                reason = DropReason.TooLargeToForward;
                break;
            default:
                reason = DropReason.ForwardDown;
                break;
        }

        port.CountDrop(Statistics, reason);
        return false;
    }

    private static DropReason? RefuseToForward(LinkPort port, Destination destination, uint header, int length)
    {
        if (RefuseBySource(port, header, length) is { } reason) return reason;
        LinkPort to = destination.Port;
        if (ReferenceEquals(to, port) && IsBehindSender(port, destination)) return DropReason.RoutedBack;
        if (!to.Link.IsUp) return DropReason.ForwardDown;
        return length > Math.Min(to.Link.Mtu, destination.RouteMtu) ? DropReason.TooLargeToForward : null;
    }

    // What is wrong with the packet itself, wherever it is to go. The null and broadcast EIDs are destinations that we accept ourselves, so that none comes by here.
    private static DropReason? RefuseBySource(LinkPort port, uint header, int length)
    {
        int source = (int)(header >> 16) & 0xFF;
        if ((header & 0x0F) != MctpHeader.CurrentVersion) return DropReason.BadVersion;
        if (length == MctpHeader.Size) return DropReason.EmptyPayload;
        if ((uint)(source - FirstAssignable) <= 254 - FirstAssignable) return port.Network.Accepts(source) ? DropReason.OwnSource : null;
        return source == 0 ? DropReason.NullSource : DropReason.ReservedSource;
    }

    // On a medium with addresses, a bridge may pass packets on between two of its neighbours; back to the sender never.
    private static bool IsBehindSender(LinkPort port, Destination destination) =>
        port.Sender.Length == 0 || destination.Address.Length == 0 || destination.Address == port.Sender;
}
