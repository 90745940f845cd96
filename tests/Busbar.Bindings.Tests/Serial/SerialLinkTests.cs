// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Bindings.Tests;

public sealed class SerialLinkTests
{
    private readonly ByteLine _line = new();
    private readonly SerialLink _a = new("a");
    private readonly SerialLink _b = new("b");
    private readonly LinkedStacks _stacks;

    public SerialLinkTests()
    {
        _stacks = new LinkedStacks(_a, _b);
        _a.Open(_line.A, 1000);
        _b.Open(_line.B, 1000);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(5_000)]
    [InlineData(60_000)]
    public void Message_OfAnySize_IsEchoed(int length)
    {
        byte[] body = Body(length);

        Assert.Equal(body, _stacks.Ask(body, turns: 500));
        Assert.Equal(0, _a.Line.Faults + _b.Line.Faults);
    }

    [Fact]
    public void Packet_LongerThanTheLinkTakes_IsRefused()
    {
        Assert.Equal(SendRoom.Now, _a.Room(packets: 1, bytes: _a.Mtu));
        Assert.Equal(SendRoom.Never, _a.Room(packets: 1, bytes: _a.Mtu + 1));
        Assert.False(_a.Write(default, MctpHeader.Read(Sample.Request), new byte[_a.Mtu], default));
    }

    [Fact]
    public void Opening_OfALine_BeginsWithTheBurst()
    {
        Assert.Equal(SerialFrame.Resynchronisation.ToArray(), _line.A.Written);
        _stacks.Turn();
        Assert.Equal(1, _b.Line.ResynchronisationsSeen);
    }

    [Fact]
    public void Batch_OfPackets_LeavesInOneWrite()
    {
        int before = _line.A.Writes;

        Assert.NotNull(_stacks.Ask(Body(3_000)));
        Assert.Equal(before + 1, _line.A.Writes);
    }

    [Fact]
    public void FullQueue_OfASlowLine_HoldsTheSenderBackAndLosesNothing()
    {
        _line.A.LargestPiece = 7;
        _line.B.LargestPiece = 5;
        Assert.Equal(SendRoom.Now, _a.Room(1, 68));
        Assert.Equal(SendRoom.Never, _a.Room(1000, 64_000));

        for (int i = 0; i < 5; i++) Assert.Equal(Body(4_000), _stacks.Ask(Body(4_000), turns: 5_000));
    }

    [Fact]
    public void Requests_WithoutAnswers_BringTheBurstAgain()
    {
        _line.Disturbance = _ => [];
        long before = _a.Line.ResynchronisationsSent;
        for (int i = 0; i < 3; i++) Assert.Null(_stacks.Ask(Body(4), turns: 1));
        Assert.Equal(before, _a.Line.ResynchronisationsSent);
        Assert.InRange(_a.NextDeadline, _stacks.Now + 1, _stacks.Now + 1000);
        _stacks.Turn(1000);
        Assert.Equal(before + 1, _a.Line.ResynchronisationsSent);

        // Once is enough until something else stays without an answer.
        _stacks.Turn(10_000);
        Assert.Equal(before + 1, _a.Line.ResynchronisationsSent);
    }

    [Fact]
    public void Resynchronisation_OnRequest_FollowsWhatWaits()
    {
        Assert.NotNull(_stacks.Ask(Body(4)));
        _a.Resynchronise();
        Assert.Equal(SerialFrame.Resynchronisation.ToArray(), _line.A.Written[^SerialFrame.ResynchronisationSize..]);
        Assert.NotNull(_stacks.Ask(Body(4)));
    }

    [Fact]
    public void LostLine_TakesTheLinkDownAndANewOneTakesItUp()
    {
        _line.IsCut = true;
        _stacks.Turn();
        _stacks.Turn();
        Assert.False(_a.IsUp);
        Assert.Equal(SendRoom.Down, _a.Room(1, 68));
        Assert.Null(_stacks.Ask(Body(4), turns: 1));

        var next = new ByteLine();
        _a.Open(next.A, _stacks.Now);
        _b.Open(next.B, _stacks.Now);
        Assert.True(_a.IsUp);
        Assert.Equal(Body(100), _stacks.Ask(Body(100)));
    }

    [Fact]
    public void Noise_OnTheLine_IsCountedAndOver()
    {
        var random = new Random(4711);
        int lost = 0;
        for (int round = 0; round < 200; round++)
        {
            _line.Disturbance = random.Next(4) switch
            {
                0 => value => random.Next(50) == 0 ? [] : [value],
                1 => value => random.Next(50) == 0 ? [(byte)(value ^ (1 << random.Next(8)))] : [value],
                2 => value => random.Next(50) == 0 ? [0x7E, (byte)random.Next(256), value] : [value],
                _ => null,
            };
            if (_stacks.Ask(Body(200), turns: 4) is null) lost++;
        }

        Assert.True(lost > 10, "the noise was none");
        Assert.True(_a.Line.Faults + _b.Line.Faults > 10);
        _line.Disturbance = null;
        _stacks.Turn(20_000);
        Assert.NotNull(_stacks.Ask(new byte[600]) ?? _stacks.Ask(new byte[600]));
        for (int i = 0; i < 20; i++) Assert.Equal(Body(200), _stacks.Ask(Body(200)));
    }

    [Fact]
    public void Exchange_OnceWarm_AllocatesNothing()
    {
        var link = new SerialLink("loop");
        var stack = new MctpStack();
        stack.AddLink(link);
        stack.AddAddress(link, new Eid(8));
        stack.AddRoute(MctpRoute.Direct(new Eid(8), new Eid(9), link));
        link.Open(new Loop(), 1);
        MctpSocketCore socket = stack.OpenSocket(MctpSocketKind.Datagram);
        stack.Bind(socket, new MctpEndPoint(Eid.Any, MessageType.Pldm));
        byte[] body = new byte[1000];
        byte[] buffer = new byte[2000];
        int received = 0;
        long now = 1;
        void Exchange()
        {
            var to = new MctpEndPoint(new Eid(8), MessageType.Pldm, MctpTag.Owner, link: link.Index);
            stack.Send(socket, to, body, ++now, out MctpTag tag);
            stack.Poll(now, 256);
            if (stack.TryReceive(socket, buffer, out _)) received++;
            stack.AbandonRequest(socket, to, tag, now);
            now += 3_000;
        }

        for (int i = 0; i < 200; i++) Exchange();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 500; i++) Exchange();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.Equal(700, received);
    }

    private static byte[] Body(int length)
    {
        byte[] body = new byte[length];
        new Random(length).NextBytes(body);
        return body;
    }

    private sealed class Loop : IByteChannel
    {
        private readonly byte[] _bytes = new byte[65_536];
        private int _count;

        public bool IsOpen => true;

        public int TryRead(Span<byte> buffer)
        {
            int count = Math.Min(buffer.Length, _count);
            _bytes.AsSpan(0, count).CopyTo(buffer);
            _bytes.AsSpan(count, _count - count).CopyTo(_bytes);
            _count -= count;
            return count;
        }

        public int TryWrite(ReadOnlySpan<byte> bytes)
        {
            bytes.CopyTo(_bytes.AsSpan(_count));
            _count += bytes.Length;
            return bytes.Length;
        }
    }
}
