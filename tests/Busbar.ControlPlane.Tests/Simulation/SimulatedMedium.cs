// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>
/// A bus of a simulated world: stations with physical addresses, or two ends without. A packet to no address goes to all others when its EID is the broadcast one or the medium has
/// no addresses, and to the first station (the root) otherwise.
/// </summary>
internal sealed class SimulatedMedium
{
    // No path of the simulated networks has that many stations, however often a question is repeated on it.
    private const int MostHops = 100;

    private readonly World _world;
    private readonly List<SimulatedLink> _stations = [];
    private readonly Dictionary<(SimulatedLink From, SimulatedLink To), long> _lastArrival = [];

    public SimulatedMedium(World world, string name, PhysicalBinding binding, int mtu = 68)
    {
        _world = world;
        Name = name;
        Binding = binding;
        Mtu = mtu;
    }

    public string Name { get; }

    public PhysicalBinding Binding { get; }

    public int Mtu { get; }

    public MediumFaults Faults { get; set; } = new();

    /// <summary>The physical addresses of all stations that were ever here, in the order in which they came.</summary>
    public List<PhysicalAddress> Places { get; } = [];

    public void Attach(SimulatedLink station)
    {
        _stations.Add(station);
        if (!Places.Contains(station.Address)) Places.Add(station.Address);
    }

    /// <summary>Who gets a packet of one station that is sent to an address.</summary>
    public SimulatedLink? Find(SimulatedLink from, PhysicalAddress address) =>
        _stations.Find(station => !ReferenceEquals(station, from) && (from.Address.Length == 0 || station.Address == address));

    public void Detach(SimulatedLink station) => _stations.Remove(station);

    public void Send(SimulatedLink from, in PhysicalAddress to, byte[] packet)
    {
        _world.Log.Sent(_world.Time.Now, Name, from.Name, to, packet);
        PhysicalAddress wanted = to;
        bool isForAll = to.Length == 0 && (from.Address.Length == 0 || packet[1] == Eid.Broadcast.Value);
        foreach (SimulatedLink station in _stations.ToArray())
        {
            if (ReferenceEquals(station, from)) continue;
            bool isMeant = isForAll || (to.Length == 0 ? ReferenceEquals(station, _stations[0]) : station.Address == wanted);
            if (isMeant) Carry(from, station, packet);
        }
    }

    private void Carry(SimulatedLink from, SimulatedLink to, byte[] packet)
    {
        int copies = 1;
        if (_world.Random.Next(100) < Faults.LossPercent) copies = 0;
        else if (_world.Random.Next(100) < Faults.DuplicatePercent) copies = 2;
        for (int i = 0; i < copies; i++)
        {
            long arrival = _world.Time.Now + (Faults.MaximumDelay == 0 ? 0 : _world.Random.Next(Faults.MaximumDelay + 1));
            arrival = Math.Max(arrival, _lastArrival.GetValueOrDefault((from, to)));
            _lastArrival[(from, to)] = arrival;
            PhysicalAddress source = from.Address;
            _world.Schedule(arrival, () => to.Arrive(source, packet));
        }

        _world.Log.CheckHops(packet, MostHops);
    }
}
