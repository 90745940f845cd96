// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Busbar.Linux;

/// <summary>
/// Configures the kernel's MCTP by rtnetlink(7): interfaces, EIDs, routes, neighbours. Changes need CAP_NET_ADMIN in the network namespace; each waits for the kernel's
/// answer and throws its reason.
/// </summary>
/// <remarks>One thread at a time.</remarks>
public sealed class MctpNetlink : IDisposable
{
    // The kernel sends dumps in pieces of at most 32 KiB.
    private const int BufferSize = 64 * 1024;
    private const int AnswerLimitMs = 5000;
    private const int MostDatagrams = 4096;
    private const int DumpTries = 4;

    private readonly INetlinkChannel _socket;
    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly byte[] _request = new byte[MctpNetlinkMessages.Largest];
    private uint _sequence;

    /// <summary>Works over a socket of the kernel.</summary>
    /// <exception cref="LinuxException">The kernel refuses.</exception>
    public MctpNetlink()
        : this(new NetlinkSocket())
    {
    }

    /// <summary>Works over any channel.</summary>
    /// <param name="channel">Disposed with this object.</param>
    public MctpNetlink(INetlinkChannel channel) => _socket = channel;

    /// <summary>Hears every datagram that the kernel sends here, before it is read; for those who want to see the bytes.</summary>
    public NetlinkMessageHandler? Heard { get; set; }

    /// <summary>Brings an interface up or takes it down.</summary>
    /// <param name="link">Its index.</param>
    /// <param name="isUp">True for up.</param>
    /// <exception cref="LinuxException">What the kernel answered; so with all that follow.</exception>
    public void SetUp(int link, bool isUp) => Ask(MctpNetlinkMessages.LinkState(_request, ++_sequence, link, isUp), $"Bringing interface {link} {(isUp ? "up" : "down")} failed");

    /// <summary>Sets the largest packet of an interface.</summary>
    /// <param name="link">Its index.</param>
    /// <param name="mtu">Bytes of MCTP packet, header included; at least 68.</param>
    public void SetMtu(int link, int mtu) =>
        Ask(MctpNetlinkMessages.LinkNumber(_request, ++_sequence, link, Rtnetlink.IFLA_MTU, (uint)mtu), $"Setting MTU {mtu} on interface {link} failed");

    /// <summary>Gives an interface another name. Kernels before 6.2 want it down for that.</summary>
    /// <param name="link">Its index.</param>
    /// <param name="name">See <see cref="InterfaceName.IsValid"/>; EEXIST when another interface has it.</param>
    public void Rename(int link, string name)
    {
        if (!InterfaceName.IsValid(name)) throw new ArgumentOutOfRangeException(nameof(name), name, "this is no name for a network interface");
        Ask(MctpNetlinkMessages.LinkName(_request, ++_sequence, link, name), $"Renaming interface {link} to '{name}' failed");
    }

    /// <summary>Sets how many packets wait in an interface's transmit queue at most; more are lost silently.</summary>
    /// <param name="link">Its index.</param>
    /// <param name="packets">The length.</param>
    public void SetQueueLength(int link, int packets) =>
        Ask(MctpNetlinkMessages.LinkNumber(_request, ++_sequence, link, Rtnetlink.IFLA_TXQLEN, (uint)packets), $"Setting queue length {packets} on interface {link} failed");

    /// <summary>Puts an interface into an MCTP network. Do it before addresses and routes: those that exist stay where they are.</summary>
    /// <param name="link">Its index.</param>
    /// <param name="network">The network, from 1.</param>
    public void SetNetwork(int link, uint network) =>
        Ask(MctpNetlinkMessages.Network(_request, ++_sequence, link, network), $"Setting MCTP network {network} on interface {link} failed");

    /// <summary>Gives this system an EID on an interface.</summary>
    /// <param name="address">8 to 254; EEXIST when it is there already.</param>
    public void AddAddress(in NetlinkAddress address) =>
        Ask(MctpNetlinkMessages.Address(_request, ++_sequence, address, add: true), $"Adding EID {address.Eid} to interface {address.Interface} failed");

    /// <summary>Takes an EID away.</summary>
    /// <param name="address">The EID; ENOENT when it is not there.</param>
    public void RemoveAddress(in NetlinkAddress address) =>
        Ask(MctpNetlinkMessages.Address(_request, ++_sequence, address, add: false), $"Removing EID {address.Eid} from interface {address.Interface} failed");

    /// <summary>Adds a route. Of all that cover an EID the newest wins, so add ranges first.</summary>
    /// <param name="route">An interface or a gateway, not both; EEXIST when the same range is there already.</param>
    public void AddRoute(in NetlinkRoute route) =>
        Ask(MctpNetlinkMessages.Route(_request, ++_sequence, Checked(route), add: true), $"Adding a route to EID {Describe(route)} failed");

    /// <summary>Removes a route.</summary>
    /// <param name="route">The same range and interface or gateway; ENOENT when it is not there.</param>
    public void RemoveRoute(in NetlinkRoute route) =>
        Ask(MctpNetlinkMessages.Route(_request, ++_sequence, Checked(route), add: false), $"Removing the route to EID {Describe(route)} failed");

    /// <summary>Records where an EID sits on an interface.</summary>
    /// <param name="neighbour">With a hardware address as long as the interface's; at most 32 bytes.</param>
    public void AddNeighbour(in NetlinkNeighbour neighbour)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(neighbour.HardwareAddress.Length, 32, nameof(neighbour));
        Ask(MctpNetlinkMessages.Neighbour(_request, ++_sequence, neighbour, add: true), $"Adding neighbour EID {neighbour.Eid} on interface {neighbour.Interface} failed");
    }

    /// <summary>Forgets where an EID sits on an interface.</summary>
    /// <param name="neighbour">Its hardware address does not matter.</param>
    public void RemoveNeighbour(in NetlinkNeighbour neighbour) =>
        Ask(MctpNetlinkMessages.Neighbour(_request, ++_sequence, neighbour, add: false), $"Removing neighbour EID {neighbour.Eid} on interface {neighbour.Interface} failed");

    /// <summary>The interfaces that MCTP uses.</summary>
    public IReadOnlyList<NetlinkLink> Links() => Dump<NetlinkLink>(Rtnetlink.RTM_GETLINK, Rtnetlink.InterfaceMessage, Rtnetlink.RTM_NEWLINK, MctpNetlinkAnswers.TryReadLink);

    /// <summary>The EIDs of this system.</summary>
    public IReadOnlyList<NetlinkAddress> Addresses() =>
        Dump<NetlinkAddress>(Rtnetlink.RTM_GETADDR, Rtnetlink.AddressMessage, Rtnetlink.RTM_NEWADDR, MctpNetlinkAnswers.TryReadAddress);

    /// <summary>The routes, those that the kernel makes for its own EIDs included.</summary>
    public IReadOnlyList<NetlinkRoute> Routes() => Dump<NetlinkRoute>(Rtnetlink.RTM_GETROUTE, Rtnetlink.RouteMessage, Rtnetlink.RTM_NEWROUTE, MctpNetlinkAnswers.TryReadRoute);

    /// <summary>The neighbours.</summary>
    public IReadOnlyList<NetlinkNeighbour> Neighbours() =>
        Dump<NetlinkNeighbour>(Rtnetlink.RTM_GETNEIGH, Rtnetlink.NeighbourMessage, Rtnetlink.RTM_NEWNEIGH, MctpNetlinkAnswers.TryReadNeighbour);

    /// <summary>Closes the socket; what was configured stays.</summary>
    public void Dispose() => _socket.Dispose();

    private static string Describe(in NetlinkRoute route) => route.First == route.Last
        ? route.First.ToString(CultureInfo.InvariantCulture)
        : string.Create(CultureInfo.InvariantCulture, $"{route.First}-{route.Last}");

    private static NetlinkRoute Checked(in NetlinkRoute route)
    {
        if (route.Last < route.First) throw new ArgumentOutOfRangeException(nameof(route), route.Last, "the last EID of a route lies before its first");
        return route;
    }

    private void Ask(ReadOnlySpan<byte> request, string failure)
    {
        _socket.Send(request);
        for (int i = 0; i < MostDatagrams; i++)
        {
            Errno received = _socket.TryReceive(_buffer, AnswerLimitMs, out int length);
            if (received is Errno.EBADMSG or Errno.EMSGSIZE) continue;
            if (received != Errno.None) throw new LinuxException(received == Errno.EAGAIN ? Errno.ETIMEDOUT : received, "rtnetlink", failure);
            Heard?.Invoke(_buffer.AsSpan(0, length));
            var messages = new NetlinkReader(_buffer.AsSpan(0, length));
            while (messages.TryNext())
            {
                if (messages.Sequence != _sequence || messages.Type != Rtnetlink.NLMSG_ERROR) continue;
                ThrowIfRefused(messages, failure);
                return;
            }
        }

        throw new LinuxException(Errno.EPROTO, "rtnetlink", failure);
    }

    private static void ThrowIfRefused(NetlinkReader message, string failure)
    {
        Errno errno = MctpNetlinkAnswers.ReadError(message.Payload, message.Flags, out string? words);
        if (errno != Errno.None) throw new LinuxException(errno, "rtnetlink", words is null ? failure : $"{failure} ({words})");
    }

    private List<T> Dump<T>(ushort request, int bodySize, ushort answer, MctpNetlinkAnswers.Reader<T> read)
    {
        for (int i = 0; ; i++)
        {
            var found = new List<T>();
            if (TryDump(request, bodySize, answer, read, found) || i == DumpTries) return found;
        }
    }

    // False when the kernel says that things changed while it was telling them.
    private bool TryDump<T>(ushort request, int bodySize, ushort answer, MctpNetlinkAnswers.Reader<T> read, List<T> found)
    {
        const string Failure = "Reading the MCTP configuration of the kernel failed";
        bool isConsistent = true;
        _socket.Send(MctpNetlinkMessages.Dump(_request, ++_sequence, request, bodySize));
        for (int i = 0; i < MostDatagrams; i++)
        {
            Errno received = _socket.TryReceive(_buffer, AnswerLimitMs, out int length);
            if (received == Errno.EBADMSG) continue;
            if (received != Errno.None) throw new LinuxException(received == Errno.EAGAIN ? Errno.ETIMEDOUT : received, "rtnetlink", Failure);
            Heard?.Invoke(_buffer.AsSpan(0, length));
            var messages = new NetlinkReader(_buffer.AsSpan(0, length));
            while (messages.TryNext())
            {
                if (messages.Sequence != _sequence) continue;
                isConsistent &= (messages.Flags & Rtnetlink.NLM_F_DUMP_INTR) == 0;
                if (messages.Type == Rtnetlink.NLMSG_DONE) return isConsistent;
                if (messages.Type == Rtnetlink.NLMSG_ERROR) ThrowIfRefused(messages, Failure);
                else if (messages.Type == answer && read(messages.Payload, out T item)) found.Add(item);
            }
        }

        throw new LinuxException(Errno.EPROTO, "rtnetlink", Failure);
    }
}
