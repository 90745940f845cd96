// SPDX-License-Identifier: Apache-2.0
using Busbar.Linux;
using Busbar.Mctp;

namespace Busbar.Node.Tests;

/// <summary>A bus in memory: one station is the node's, each other one has a stack with a control responder, which the node's thread serves when the doorbell rings.</summary>
internal sealed class EmulatedBus : LinkAttachment
{
    public const byte OwnAddress = 0x10;
    private const int PollBudget = 64;

    private readonly SegmentLink _own;
    private readonly EventFd _doorbell = EventFd.Create();
    private readonly Dictionary<SegmentLink, MctpStack> _stacks = [];
    private readonly List<SegmentLink> _waiting = [];

    public EmulatedBus(int endpoints)
    {
        var bus = new SegmentBus("bus", capacity: 4096);
        _own = bus.AddStation(new PhysicalAddress([0, OwnAddress]));
        for (int i = 0; i < endpoints; i++)
        {
            PhysicalAddress address = new([1, (byte)i]);
            SegmentLink station = bus.AddStation(address);
            var stack = new MctpStack();
            stack.AddLink(station);
            stack.SetService(MessageType.Control, new ControlResponder(new ControlResponderOptions { Uuid = new Guid(i + 1, 0, 0, new byte[8]) }));
            _stacks.Add(station, stack);
            Addresses.Add(address);
            station.Arrived = arrived =>
            {
                _waiting.Add(arrived);
                if (_waiting.Count == 1) _doorbell.Ring();
            };
        }
    }

    public List<PhysicalAddress> Addresses { get; } = [];

    public override MctpLink Link => _own;

    public override WaitStrategy Wait => WaitStrategy.Block;

    public override string Description => "a bus in memory";

    internal override long NextDeadline => long.MaxValue;

    /// <summary>The EIDs that the endpoints have.</summary>
    public IEnumerable<Eid> AssignedEids() => _stacks.Select(pair => pair.Value.SourceAddress(pair.Key));

    internal override void CollectDescriptors(List<FileDescriptor> descriptors) => descriptors.Add(_doorbell.Descriptor);

    internal override void OnReady(FileDescriptor descriptor, long now)
    {
        _doorbell.TryDrain(out _);
        while (_waiting.Count != 0)
        {
            SegmentLink[] ready = [.. _waiting];
            _waiting.Clear();
            foreach (SegmentLink station in ready) _stacks[station].Poll(now, PollBudget);
        }
    }

    internal override void Service(long now)
    {
    }

    internal override void Stop(long now) => _own.Close(now);

    protected override void Dispose(bool disposing) => _doorbell.Dispose();
}
