// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;
using Busbar.Node;

namespace Busbar.Endpoints;

/// <summary>
/// A bus with devices that exist nowhere else: our own station as a link of a node, and behind it, in the same process, any number of endpoints that answer control, echo and bench.
/// </summary>
/// <remarks>Everything runs under the node's lock, in whichever thread serves the node. A request rings a doorbell, so that no thread needs to poll an idle bus.</remarks>
public sealed class EmulatedBus : LinkAttachment
{
    private const int PacketsPerTurn = 64;
    private const int MostRounds = 64;

    private readonly EventFd _doorbell = EventFd.Create();
    private readonly SegmentLink _own;
    private readonly EmulatedEndpoint[] _endpoints;
    private readonly Dictionary<SegmentLink, EmulatedEndpoint> _byStation = [];

    // Those with packets that nobody has taken, and those with something left to do later (reassembly that may time out, a bench run).
    private readonly Queue<EmulatedEndpoint> _called = new();
    private readonly HashSet<EmulatedEndpoint> _busy = [];
    private readonly List<EmulatedEndpoint> _idle = [];
    private long _nextDeadline = long.MaxValue;

    /// <summary>Builds a bus; everything on it is up at once.</summary>
    /// <param name="name">Name of the link.</param>
    /// <param name="options">What it looks like.</param>
    /// <exception cref="ArgumentOutOfRangeException">More endpoints than addresses.</exception>
    public EmulatedBus(string name, EmulatedBusOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Endpoints, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.FirstAddress + options.Endpoints - 1, 0xFE, nameof(options));
        var bus = new SegmentBus(name, options.Mtu, SegmentBus.DefaultCapacity * 4, options.Binding);
        _own = bus.AddStation(new PhysicalAddress([options.OwnAddress]), name);
        _endpoints = new EmulatedEndpoint[options.Endpoints];
        for (int i = 0; i < _endpoints.Length; i++)
        {
            byte address = (byte)(options.FirstAddress + i);
            var endpoint = new EmulatedEndpoint(bus.AddStation(new PhysicalAddress([address])), UuidAt(options, address));
            endpoint.Station.Arrived = OnArrived;
            _byStation.Add(endpoint.Station, endpoint);
            _endpoints[i] = endpoint;
        }
    }

    /// <inheritdoc/>
    public override MctpLink Link => _own;

    /// <summary>The devices, by physical address.</summary>
    public IReadOnlyList<EmulatedEndpoint> Endpoints => _endpoints;

    /// <inheritdoc/>
    public override WaitStrategy Wait => WaitStrategy.Block;

    /// <inheritdoc/>
    public override string Description => _endpoints.Length == 1 ? "emulated bus with 1 endpoint" : $"emulated bus with {_endpoints.Length} endpoints";

    internal override long NextDeadline => _nextDeadline;

    /// <summary>The UUID of the endpoint at an address.</summary>
    /// <param name="options">What the bus looks like.</param>
    /// <param name="address">Its physical address.</param>
    public static Guid UuidAt(EmulatedBusOptions options, byte address)
    {
        ArgumentNullException.ThrowIfNull(options);
        Span<byte> uuid = stackalloc byte[16];
        options.Seed.TryWriteBytes(uuid, bigEndian: true, out _);
        uuid[15] ^= address;
        return new Guid(uuid, bigEndian: true);
    }

    internal override void CollectDescriptors(List<FileDescriptor> descriptors) => descriptors.Add(_doorbell.Descriptor);

    internal override void OnReady(FileDescriptor descriptor, long now)
    {
        _doorbell.TryDrain(out _);
        ServeCalled(now);
    }

    internal override void Service(long now)
    {
        ServeCalled(now);
        _idle.Clear();
        _nextDeadline = long.MaxValue;
        foreach (EmulatedEndpoint endpoint in _busy)
        {
            endpoint.Stack.Poll(now, PacketsPerTurn);
            long next = endpoint.Stack.NextDeadline;
            if (next == long.MaxValue) _idle.Add(endpoint);
            else _nextDeadline = Math.Min(_nextDeadline, next);
        }

        foreach (EmulatedEndpoint endpoint in _idle) _busy.Remove(endpoint);
    }

    internal override void Stop(long now)
    {
        foreach (EmulatedEndpoint endpoint in _endpoints) endpoint.Station.SetUp(up: false, now);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing) _doorbell.Dispose();
    }

    private void OnArrived(SegmentLink station)
    {
        if (_called.Count == 0) _doorbell.Ring();
        _called.Enqueue(_byStation[station]);
    }

    // What an endpoint answers to another one of the same bus is served in the same turn, but not for ever.
    private void ServeCalled(long now)
    {
        for (int left = _called.Count + MostRounds; left > 0 && _called.TryDequeue(out EmulatedEndpoint? endpoint); left--)
        {
            endpoint.Stack.Poll(now, PacketsPerTurn);
            long next = endpoint.Stack.NextDeadline;
            if (endpoint.Station.Waiting != 0) _called.Enqueue(endpoint);
            if (next == long.MaxValue) continue;
            _busy.Add(endpoint);
            _nextDeadline = Math.Min(_nextDeadline, next);
        }

        if (_called.Count != 0) _doorbell.Ring();
    }
}
