// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Mctp;

namespace Busbar.ControlPlane.Tests;

/// <summary>The latest packets of a world, for the report of a failure, and how often each one was put on a medium lately.</summary>
internal sealed class PacketLog
{
    private const int Most = 200;

    // Retries of a question look alike, and instance IDs and tags come round; but not so often in a second.
    private const long Window = 1_000;

    private readonly Queue<string> _lines = new();
    private readonly Dictionary<string, int> _hops = [];
    private long _windowEnd;

    /// <summary>Packets that were sent in all.</summary>
    public long Count { get; private set; }

    public void Sent(long now, string medium, string link, in PhysicalAddress to, byte[] packet)
    {
        Count++;
        if (now >= _windowEnd)
        {
            _hops.Clear();
            _windowEnd = now + Window;
        }

        _lines.Enqueue(string.Create(CultureInfo.InvariantCulture, $"{now,7} ms {medium} {link} -> [{to}] {Convert.ToHexStringLower(packet)}"));
        if (_lines.Count > Most) _lines.Dequeue();
    }

    /// <summary>The same packet put on media again and again within a short time is one that is passed round.</summary>
    public void CheckHops(byte[] packet, int most)
    {
        string key = Convert.ToHexString(packet);
        int hops = _hops.GetValueOrDefault(key) + 1;
        _hops[key] = hops;
        if (hops > most) throw new InvalidOperationException($"packet {key} goes in circles");
    }

    public override string ToString() => string.Join('\n', _lines);
}
