// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// The MCTP core (DSP0236): packets in and out of links, messages in and out of sockets, and between them routes, tags, packetisation and
/// reassembly. It does no input or output of its own and owns no thread, clock or lock.
/// </summary>
/// <remarks>
/// The caller serialises all calls to a stack, its sockets, links and services, and passes the time: monotonic milliseconds that never
/// run backwards. Nothing that a peer sends makes a member throw; everything thrown away is counted in <see cref="Statistics"/>.
/// </remarks>
public sealed partial class MctpStack
{
    /// <summary>The network that 0 stands for when sending, and that links are part of unless told otherwise; as in Linux.</summary>
    public const uint DefaultNetwork = 1;

    private readonly MctpStackOptions _options;
    private readonly MessagePool _pool;
    private readonly TagTable _tags;
    private readonly Reassembler _reassembler;
    private readonly Transmitter _transmitter;
    private readonly BindTable _binds = new();
    private readonly List<LinkPort> _ports = [];
    private readonly List<LinkPort?> _byIndex = [null];
    private readonly List<MctpNetwork> _networks = [];
    private MctpNetwork? _defaultNetwork;
    private int _nextInstanceId = -1;

    /// <summary>Creates a stack without links.</summary>
    /// <param name="options">Limits and timers; null for the defaults.</param>
    /// <exception cref="ArgumentOutOfRangeException">A limit contradicts another.</exception>
    public MctpStack(MctpStackOptions? options = null)
    {
        _options = options ?? new MctpStackOptions();
        _options.EnsureValid();
        _forwards = _options.Forwards;
        _pool = new MessagePool(_options.MaximumMessage);
        _tags = new TagTable(_options, Statistics);
        _reassembler = new Reassembler(_options, Statistics, _pool, _ports);
        _transmitter = new Transmitter(_options, Statistics, _pool, _ports);
    }

    /// <summary>Raised when a link goes up (true) or down (false), with the time.</summary>
    public event Action<MctpLink, bool, long>? LinkChanged;

    /// <summary>
    /// Raised after a link or an own EID came, went or changed; for those who keep somebody else informed. It runs within the call or turn that made the change,
    /// under the stack's serialisation.
    /// </summary>
    public event Action<StackChange>? Changed;

    /// <summary>Limits and timers.</summary>
    public MctpStackOptions Options => _options;

    /// <summary>Counters.</summary>
    public StackStatistics Statistics { get; } = new();

    /// <summary>Packets that links handed to the stack since it was created.</summary>
    public long PacketsReceived => Statistics.PacketsReceived;

    /// <summary>Assemblies that run now.</summary>
    public int RunningAssemblies => _reassembler.Contexts;

    /// <summary>Buffer bytes that running assemblies hold now.</summary>
    public int ReassemblyBytes => _reassembler.Bytes;

    /// <summary>Messages that wait to be sent in parts.</summary>
    public int StagedMessages => _transmitter.StagedMessages;

    /// <summary>Bytes of all buffers that the stack has ever made; it keeps and reuses them.</summary>
    public long BufferBytes => _pool.BytesMade;

    /// <summary>The links, in the order of their indices.</summary>
    public IReadOnlyList<MctpLink> Links => [.. _ports.Select(port => port.Link)];

    /// <summary>The networks that have links or routes, in the order in which they were made.</summary>
    public IReadOnlyList<uint> Networks => [.. _networks.Where(network => !network.IsEmpty).Select(network => network.Id)];

    /// <summary>Puts a link to work.</summary>
    /// <param name="link">A link that belongs to no stack.</param>
    /// <param name="network">The MCTP network that it is part of, from 1.</param>
    public void AddLink(MctpLink link, uint network = DefaultNetwork)
    {
        ArgumentNullException.ThrowIfNull(link);
        ArgumentOutOfRangeException.ThrowIfZero(network);
        if (link.Index != 0) throw new InvalidOperationException($"link {link.Name} belongs to a stack already");
        MctpNetwork members = NetworkFor(network);
        var port = new LinkPort(link, members, _options);
        link.Attach(this, _byIndex.Count, network);
        link.Port = port;
        _byIndex.Add(port);
        _ports.Add(port);
        members.Add(port);
        if (_rawSockets.Count != 0) RefreshRawListeners();
        RefreshTap(port);
        Changed?.Invoke(new StackChange(StackChangeKind.LinkAdded, link));
    }

    /// <summary>Takes a link down in order and removes it, with its addresses, routes and neighbours.</summary>
    /// <param name="link">A link of this stack; another one is ignored.</param>
    /// <param name="now">Monotonic milliseconds.</param>
    public void RemoveLink(MctpLink link, long now)
    {
        ArgumentNullException.ThrowIfNull(link);
        if (PortOf(link) is not { } port) return;
        link.Close(now);
        CutWire(port);
        FailTraffic(port, now);
        _ports.Remove(port);
        _byIndex[link.Index] = null;
        port.Addresses.Clear();
        port.AddressesChanged();
        port.Network.Remove(port);
        port.Network.Tags.Forget(port);
        DropIfEmpty(port.Network);
        Changed?.Invoke(new StackChange(StackChangeKind.LinkRemoved, link));
        link.Detach();
    }

    /// <summary>Finds a link.</summary>
    /// <param name="index">Link index, as in <see cref="MctpEndPoint.Link"/>.</param>
    /// <returns>Null when there is none.</returns>
    public MctpLink? FindLink(int index) => PortAt(index)?.Link;

    /// <summary>Counts a drop that happens outside of the stack, in a binding or in the layer of a message type.</summary>
    /// <param name="link">The link that brought it.</param>
    /// <param name="reason">Why.</param>
    public void CountDrop(MctpLink link, DropReason reason)
    {
        ArgumentNullException.ThrowIfNull(link);
        link.Statistics.Drops.Count(reason);
        Statistics.Drops.Count(reason);
    }

    /// <summary>A new Instance ID for a control request of this endpoint, 0..31.</summary>
    internal int NextInstanceId() => _nextInstanceId = (_nextInstanceId + 1) & 0x1F;

    internal void LinkStateChanged(MctpLink link, long now)
    {
        if (PortOf(link) is not { } port) return;
        if (!link.IsUp) FailTraffic(port, now);
        LinkChanged?.Invoke(link, link.IsUp, now);
        LinkSettingChanged(link);
    }

    /// <summary>The link's MTU or administrative state is another one.</summary>
    internal void LinkSettingChanged(MctpLink link)
    {
        if (PortOf(link) is not { } port) return;
        RefreshTap(port);
        Changed?.Invoke(new StackChange(StackChangeKind.LinkChanged, link));
    }

    private void FailTraffic(LinkPort port, long now)
    {
        EndTraffic(port, now);
        port.Network.ForgetLearned(port.Link);
    }

    private void EndTraffic(LinkPort port, long now)
    {
        port.IsDirty = false;
        _reassembler.EndAll(port, DropReason.LinkDown);
        _transmitter.DropStaged(port);
        _tags.FailLink(port.Link.Index, now);
    }

    private void DropIfEmpty(MctpNetwork network)
    {
        if (!network.IsEmpty || ReferenceEquals(network, _defaultNetwork)) return;
        network.Tags.ForgetAll();
        _networks.Remove(network);
    }

    private LinkPort? PortAt(int index) => (uint)index < (uint)_byIndex.Count ? _byIndex[index] : null;

    private LinkPort? PortOf(MctpLink link) => link.Port is { } port && ReferenceEquals(PortAt(link.Index), port) ? port : null;

    private LinkPort EnsurePort(MctpLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        return PortOf(link) ?? throw new ArgumentException($"link {link.Name} does not belong to this stack", nameof(link));
    }

    private MctpNetwork? FindNetwork(uint id)
    {
        if (id <= DefaultNetwork) return _defaultNetwork;
        foreach (MctpNetwork network in _networks)
        {
            if (network.Id == id) return network;
        }

        return null;
    }

    private MctpNetwork NetworkFor(uint id)
    {
        if (FindNetwork(id) is { } known) return known;
        var network = new MctpNetwork(id, _tags);
        _networks.Add(network);
        if (id == DefaultNetwork) _defaultNetwork = network;
        return network;
    }
}
