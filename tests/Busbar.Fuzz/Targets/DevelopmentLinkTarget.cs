// SPDX-License-Identifier: Apache-2.0
using Busbar.Bindings;
using Busbar.Mctp;

namespace Busbar.Fuzz;

/// <summary>Datagrams into a development link, with time passing between them.</summary>
internal sealed class DevelopmentLinkTarget : IFuzzTarget
{
    private const int TimeBit = 0x80;
    private const uint Session = 0x01020304;

    public string Name => "development-link";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        byte[] hello = Hello(5, Session, 4100);
        yield return ("up", [.. Step(0, hello), .. Step(0, [0x42, 0x44, 1, 2, 1, 8, 9, 0xC8, 1]), .. Step(0, [0x42, 0x44, 1, 3])]);
        yield return ("restart", [.. Step(0, hello), .. Step(9, Hello(6, 0, 68)), .. Step(1, Hello(6, Session, 65535))]);
        yield return ("silence", [.. Step(0, hello), .. Step(200, [0x42, 0x44, 1, 2, 1, 8, 9, 0xC8, 1])]);
        yield return ("bad", [.. Step(0, [0x42]), .. Step(0, [0x42, 0x44, 2, 1]), .. Step(0, [0x42, 0x44, 1, 9]), .. Step(0, Hello(0, 0, 67))]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        var link = new DevelopmentLink("dev", new DevelopmentLinkOptions { Session = Session, WatchesSilence = true });
        var stack = new MctpStack();
        stack.AddLink(link);
        stack.AddAddress(link, new Eid(8));
        var channel = new FedChannel();
        long now = 1;
        link.Open(channel, now);
        var reader = new InputReader(input);
        int steps = 0;
        while (!reader.IsEmpty)
        {
            byte step = reader.Byte();
            if ((step & TimeBit) != 0) now += 20 * reader.Byte();
            channel.Next = reader.Take(step & ~TimeBit).ToArray();
            stack.Poll(++now, 8);
            steps++;
            FuzzViolationException.Require(link.Mtu >= MctpLink.MinimumMtu, "the MTU is at least the baseline");
        }

        FuzzViolationException.Require(channel.Sent <= (2 * steps) + 2 + (now / 1000), "hellos are answered no faster than they come");
        channel.Next = Hello(77, 0, 4100);
        stack.Poll(++now, 8);
        channel.Next = Hello(77, Session, 4100);
        stack.Poll(++now, 8);
        FuzzViolationException.Require(link.IsUp, "a good other end takes the link up");
        now += 4000;
        stack.Poll(now, 8);
        FuzzViolationException.Require(!link.IsUp, "silence takes the link down");
    }

    private static byte[] Hello(uint session, uint heard, int mtu)
    {
        byte[] datagram = new byte[DevelopmentFrame.HelloSize];
        DevelopmentFrame.WriteHello(new DevelopmentHello(session, heard, mtu), datagram);
        return datagram;
    }

    private static byte[] Step(int time, byte[] datagram) => [(byte)(datagram.Length | (time == 0 ? 0 : TimeBit)), .. time == 0 ? [] : new[] { (byte)time }, .. datagram];

    private sealed class FedChannel : IDatagramChannel
    {
        public byte[]? Next { get; set; }

        public long Sent { get; private set; }

        public bool IsOpen => true;

        public DatagramResult TryRead(Span<byte> buffer, out int length)
        {
            length = Next?.Length ?? 0;
            if (Next is not { } next) return DatagramResult.None;
            Next = null;
            if (next.Length > buffer.Length) return DatagramResult.TooLong;
            next.CopyTo(buffer);
            return DatagramResult.Received;
        }

        public bool TryWrite(ReadOnlySpan<byte> datagram)
        {
            Sent++;
            return true;
        }
    }
}
