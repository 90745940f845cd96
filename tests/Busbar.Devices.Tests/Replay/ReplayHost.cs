// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Devices.Tests;

/// <summary>What replays of host drivers share: the MCTP above them, cut into packets by hand, and how the state is read.</summary>
internal abstract class ReplayHost(HostWindow window)
{
    /// <summary>The largest MCTP packet of the drivers, transport header included.</summary>
    public const int LargestPacket = 65_536;

    private const int HeaderLength = 4;
    private const byte Version = 1;
    private const byte Start = 0x80;
    private const byte End = 0x40;
    private const byte Owner = 0x08;
    private const byte OwnEid = 8;
    private const byte VendorType = 0x7E;

    private readonly MemoryStream _message = new();

    /// <summary>Messages that arrived whole, without transport headers.</summary>
    public Queue<byte[]> Messages { get; } = new();

    /// <summary>Headers that would have made the driver compute a length out of nothing, and packets whose order was wrong.</summary>
    public int Mistakes { get; private protected set; }

    protected HostWindow Window { get; } = window;

    protected int Ros { get; set; }

    protected int Rws { get; set; }

    /// <summary>A message that the device's endpoint answers with the same bytes.</summary>
    public static byte[] Echo(int length, int seed)
    {
        byte[] message = new byte[length];
        new Random(seed).NextBytes(message);
        (message[0], message[1], message[2], message[3]) = (VendorType, 0xCC, 0xDE, 0xF0);
        return message;
    }

    /// <summary>The packets of a message.</summary>
    public static IEnumerable<byte[]> Cut(byte[] message, int tag, byte eid = 20, int largestPacket = LargestPacket)
    {
        int unit = largestPacket - HeaderLength;
        for (int at = 0, sequence = 0; at < message.Length; at += unit, sequence++)
        {
            int length = Math.Min(unit, message.Length - at);
            int flags = (at == 0 ? Start : 0) | (at + length == message.Length ? End : 0) | ((sequence & 3) << 4) | Owner | (tag & 7);
            yield return [Version, eid, OwnEid, (byte)flags, .. message.AsSpan(at, length)];
        }
    }

    /// <summary>{B_UP, B_RST, H_UP, H_RST} of two first words.</summary>
    protected static int State(uint ros, uint rws) => ((int)(ros >> 1) & 1) << 3 | ((int)ros & 1) << 2 | ((int)(rws >> 1) & 1) << 1 | ((int)rws & 1);

    /// <summary>A packet arrived.</summary>
    protected void Deliver(ReadOnlySpan<byte> packet)
    {
        if (packet.Length <= HeaderLength || packet.Length > LargestPacket)
        {
            Mistakes++;
            return;
        }

        bool isStart = (packet[3] & Start) != 0;
        if (isStart != (_message.Length == 0)) Mistakes++;
        if (isStart) _message.SetLength(0);
        _message.Write(packet[HeaderLength..]);
        if ((packet[3] & End) == 0) return;
        Messages.Enqueue(_message.ToArray());
        _message.SetLength(0);
    }

    /// <summary>A driver that is loaded again knows nothing of an unfinished message.</summary>
    protected void Forget() => _message.SetLength(0);
}
