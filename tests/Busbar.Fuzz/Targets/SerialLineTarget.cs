// SPDX-License-Identifier: Apache-2.0
using Busbar.Bindings;
using Busbar.Mctp;

namespace Busbar.Fuzz;

/// <summary>Bytes of a serial line into a link, in pieces of any size.</summary>
internal sealed class SerialLineTarget : IFuzzTarget
{
    private static readonly byte[] s_echo = [0x01, 0x08, 0x09, 0xC8, 0x7E, 0x01, 0x02];

    public string Name => "serial-line";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        yield return ("frame", [0, .. Frame(s_echo)]);
        yield return ("burst", [7, .. SerialFrame.Resynchronisation, .. Frame(s_echo)]);
        yield return ("escapes", [1, .. Frame([1, 8, 9, 0xC8, 0x7E, 0x7D, 0x7E]), 0x7E, 0x7E, .. Frame([1, 8, 9, 0xC8, 1])]);
        yield return ("long", [200, .. Frame([1, 8, 9, 0xC8, .. new byte[251]]), 0x7E, 0x01, 0xFF, 0x7E]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        var link = new SerialLink("line");
        var stack = new MctpStack();
        stack.AddLink(link);
        stack.AddAddress(link, new Eid(8));
        stack.AddRoute(MctpRoute.Direct(new Eid(9), new Eid(9), link));
        var channel = new FedChannel(input.IsEmpty ? 1 : 1 + input[0], input.IsEmpty ? default : input[1..]);
        link.Open(channel, 1);
        long now = 1;
        long frames = 0;
        while (channel.HasBytes) Turn();

        // Whatever came before: behind a pause a frame arrives.
        channel.Feed(new byte[SerialFrame.LargestSize(SerialFrame.LargestPacket)]);
        while (channel.HasBytes) Turn();
        frames = link.Line.FramesReceived;
        channel.Feed(Frame(s_echo));
        while (channel.HasBytes) Turn();
        Turn();
        FuzzViolationException.Require(link.Line.FramesReceived == frames + 1, "a frame behind a pause arrives");
        channel.IsOpen = false;
        Turn();
        FuzzViolationException.Require(!link.IsUp && link.Room(1, 68) == SendRoom.Down, "a lost line takes the link down");

        void Turn() => stack.Poll(++now, 8);
    }

    internal static byte[] Frame(ReadOnlySpan<byte> packet)
    {
        byte[] frame = new byte[SerialFrame.LargestSize(packet.Length)];
        return frame[..SerialFrame.Write(MctpHeader.Read(packet), packet[MctpHeader.Size..], default, frame)];
    }

    private sealed class FedChannel : IByteChannel
    {
        private readonly int _piece;
        private byte[] _bytes;
        private int _at;

        public FedChannel(int piece, ReadOnlySpan<byte> bytes)
        {
            _piece = piece;
            _bytes = bytes.ToArray();
        }

        public bool IsOpen { get; set; } = true;

        public bool HasBytes => _at < _bytes.Length;

        public void Feed(byte[] bytes) => (_bytes, _at) = (bytes, 0);

        public int TryRead(Span<byte> buffer)
        {
            int count = Math.Min(Math.Min(_piece, buffer.Length), _bytes.Length - _at);
            _bytes.AsSpan(_at, count).CopyTo(buffer);
            _at += count;
            return count;
        }

        public int TryWrite(ReadOnlySpan<byte> bytes) => IsOpen ? Math.Min(bytes.Length, _piece) : 0;
    }
}
