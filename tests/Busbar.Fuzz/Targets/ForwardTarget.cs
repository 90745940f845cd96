// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Fuzz;

/// <summary>
/// Packets, and an administrator's changes, into a bridge with three links. A model says for each packet whether it leaves and where: so nothing is invented, doubled, changed or
/// overtaken, and the counters add up.
/// </summary>
internal sealed class ForwardTarget : IFuzzTarget
{
    private const int Links = 3;
    private const byte OwnEid = 8;
    private const int MostRoutes = 32;

    public string Name => "forwarding";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        yield return ("across", [.. Packet(0, [1, 20, 10, 0xC8, 1, 2, 3]), .. Packet(1, [1, 30, 20, 0xC0, 1]), .. Packet(2, [1, 10, 30, 0x18, 9, 9])]);
        yield return ("refused", [.. Packet(0, [1, 20, 0, 0xC8, 1]), .. Packet(0, [1, 20, 3, 0xC8, 1]), .. Packet(0, [1, 20, 8, 0xC8, 1]), .. Packet(0, [1, 11, 10, 0xC8, 1])]);
        yield return ("ours", [.. Packet(0, [1, 8, 10, 0xC8, 1]), .. Packet(1, [1, 0, 0, 0xC8, 1]), .. Packet(2, [1, 255, 30, 0x88, .. new byte[64]])]);
        yield return ("large", [.. Change(4, 1, 60), .. Packet(0, [1, 20, 10, 0xC8, .. new byte[100]]), .. Packet(0, [1, 30, 10, 0xC8, .. new byte[100]])]);
        yield return ("down",
            [.. Change(2), .. Packet(0, [1, 20, 10, 0xC8, 1]), .. Change(2), .. Packet(0, [1, 20, 10, 0xC8, 1]), .. Change(0), .. Packet(0, [1, 20, 10, 0xC8, 1])]);
        yield return ("routes",
            [.. Change(5, 20, 3, 2), .. Packet(0, [1, 21, 10, 0xC8, 1]), .. Change(6), .. Packet(0, [1, 21, 10, 0xC8, 1]), .. Change(7, 1), .. Packet(1, [1, 10, 20, 0xC8, 1])]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        var world = new World();
        var reader = new InputReader(input);
        while (!reader.IsEmpty)
        {
            byte step = reader.Byte();
            if ((step & 3) != 3)
            {
                byte[] packet = new byte[Math.Max((int)reader.Byte(), MctpHeader.Size)];
                ReadOnlySpan<byte> given = reader.Take(packet.Length);
                given.CopyTo(packet);
                world.Arrive(step & 3, packet, step >> 2);
                continue;
            }

            switch ((step >> 2) & 7)
            {
                case 0:
                    world.Toggle();
                    break;
                case 1 or 2 or 3:
                    world.Toggle(((step >> 2) & 7) - 1);
                    break;
                case 4:
                    world.SetMtu(reader.Byte() % Links, reader.Byte());
                    break;
                case 5:
                    world.AddRoute(reader.Byte(), reader.Byte(), reader.Byte() % Links);
                    break;
                case 6:
                    world.RemoveRoute();
                    break;
                default:
                    world.MoveOn(reader.Byte());
                    break;
            }
        }

        world.Finish();
    }

    private static byte[] Packet(int link, byte[] packet) => [(byte)link, (byte)packet.Length, .. packet];

    private static byte[] Change(int what, params byte[] data) => [(byte)((what << 2) | 3), .. data];

    private sealed class World
    {
        private readonly MctpStack _stack = new(new MctpStackOptions { Forwards = true });
        private readonly FeedLink[] _links = new FeedLink[Links];
        private readonly List<(int First, int Last, int Link)> _routes = [];
        private readonly bool[] _isUp = new bool[Links];
        private readonly int[] _mtu = new int[Links];
        private readonly List<byte[]>[] _expected = new List<byte[]>[Links];
        private bool _forwards = true;
        private long _arrived;
        private long _passed;
        private long _now = 1_000;

        public World()
        {
            for (int i = 0; i < Links; i++)
            {
                _links[i] = new FeedLink(FeedLink.LargestPacket);
                _stack.AddLink(_links[i]);
                _isUp[i] = true;
                _expected[i] = [];
                SetMtu(i, 0);
                AddRoute((byte)((i + 1) * 10), 9, i);
            }

            _stack.AddAddress(_links[0], new Eid(OwnEid));
        }

        public void Toggle()
        {
            _forwards = !_forwards;
            _stack.Forwards = _forwards;
        }

        public void Toggle(int link)
        {
            _isUp[link] = !_isUp[link];
            _links[link].SetAdministrativelyUp(_isUp[link], _now);
        }

        public void SetMtu(int link, int more)
        {
            _mtu[link] = FeedLink.LargestPacket - more;
            _links[link].AdministrativeMtu = _mtu[link];
        }

        public void AddRoute(byte first, byte more, int link)
        {
            int last = first + (more % 16);
            if (_routes.Count == MostRoutes) return;
            RouteStatus status = _stack.AddRoute(MctpRoute.Direct(new Eid(first), new Eid((byte)last), _links[link]));
            bool isLegal = first >= 8 && last <= 254 && !_routes.Exists(route => route.First == first && route.Last == last);
            FuzzViolationException.Require((status == RouteStatus.Ok) == isLegal, "a route is taken when its range is legal and new");
            if (isLegal) _routes.Insert(0, (first, last, link));
        }

        public void RemoveRoute()
        {
            if (_routes.Count == 0) return;
            (int first, int last, _) = _routes[0];
            FuzzViolationException.Require(_stack.RemoveRoute(new Eid((byte)first), new Eid((byte)last)), "a route that is there can be removed");
            _routes.RemoveAt(0);
        }

        public void MoveOn(int milliseconds)
        {
            _now += milliseconds;
            _stack.Poll(_now, 64);
        }

        public void Arrive(int link, byte[] packet, int split)
        {
            _arrived++;
            if (OutOf(link, packet) is { } to)
            {
                _passed++;
                _expected[to].Add(packet);
            }

            _links[link].Feed(packet, split);
            _stack.Poll(_now, 64);
            for (int i = 0; i < Links; i++)
            {
                FuzzViolationException.Require(_links[i].Sent.Count == _expected[i].Count, "a packet leaves where the model says, and only there");
                for (int k = 0; k < _expected[i].Count; k++)
                    FuzzViolationException.Require(_links[i].Sent[k].AsSpan().SequenceEqual(_expected[i][k]), "a forwarded packet is unchanged and in order");
                _links[i].Sent.Clear();
                _expected[i].Clear();
            }
        }

        public void Finish()
        {
            FuzzViolationException.Require(_stack.PacketsReceived == _arrived, "every packet is counted");
            FuzzViolationException.Require(_stack.Statistics.PacketsForwarded == _passed && _stack.Statistics.PacketsSent == _passed, "every forwarded packet is counted");
            FuzzViolationException.Require(_stack.Statistics.Drops.Total == _arrived - _passed, "every other packet is counted once as dropped, because nobody listens");
            FuzzViolationException.Require(_stack.RunningAssemblies == 0, "nothing is put together");
        }

        // The rules once more, from the standard and not from the code: where a packet leaves, or null.
        private int? OutOf(int link, byte[] packet)
        {
            (int version, int destination, int source) = (packet[0] & 0x0F, packet[1], packet[2]);
            if (!_isUp[link] || !_forwards || version != 1 || packet.Length == MctpHeader.Size) return null;
            if (destination is 0 or 255 or OwnEid) return null;
            if (source is < 8 or 255 or OwnEid) return null;
            foreach ((int first, int last, int to) in _routes)
            {
                if (destination < first || destination > last) continue;
                return to != link && _isUp[to] && packet.Length <= _mtu[to] ? to : null;
            }

            return null;
        }
    }
}
