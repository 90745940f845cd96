// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;

namespace Busbar.Bindings.Tests;

public sealed class DevelopmentLinkTests
{
    private const uint SessionA = 0xA0A0A0A0;
    private const uint SessionB = 0x0B0B0B0B;

    private readonly DatagramLine _line = new(capacity: 8);
    private readonly DevelopmentLink _a = new("a", new DevelopmentLinkOptions { Session = SessionA, WatchesSilence = true });
    private readonly DevelopmentLink _b = new("b", new DevelopmentLinkOptions { Session = SessionB, WatchesSilence = true, Mtu = 300 });
    private readonly LinkedStacks _stacks;

    public DevelopmentLinkTests() => _stacks = new LinkedStacks(_a, _b);

    [Fact]
    public void Hello_AndPacket_AreTheDocumentedBytes()
    {
        byte[] datagram = new byte[100];
        Assert.Equal(16, DevelopmentFrame.WriteHello(new DevelopmentHello(SessionA, SessionB, 4100), datagram));
        Assert.Equal(Sample.Bytes("42 44 01 01 a0 a0 a0 a0 0b 0b 0b 0b 10 04 00 00"), datagram[..16]);
        int length = DevelopmentFrame.WritePacket(MctpHeader.Read(Sample.Request), Sample.Request.AsSpan(4, 1), Sample.Request.AsSpan(5), datagram);
        Assert.Equal([.. Sample.Bytes("42 44 01 02"), .. Sample.Request], datagram[..length]);
        Assert.Equal(Sample.Bytes("42 44 01 03"), datagram[..DevelopmentFrame.WriteGoodbye(datagram)]);
    }

    [Theory]
    [InlineData("42 44 01", DevelopmentDatagram.TooShort)]
    [InlineData("42 44 01 02 01 00 08", DevelopmentDatagram.TooShort)]
    [InlineData("42 44 01 01 a0 a0 a0 a0 0b 0b 0b 0b 10 04 00", DevelopmentDatagram.TooShort)]
    [InlineData("42 45 01 02 01 00 08 c8", DevelopmentDatagram.Foreign)]
    [InlineData("42 44 02 02 01 00 08 c8", DevelopmentDatagram.OtherVersion)]
    [InlineData("42 44 01 04 01 00 08 c8", DevelopmentDatagram.UnknownKind)]
    [InlineData("42 44 01 01 00 00 00 00 0b 0b 0b 0b 10 04 00 00", DevelopmentDatagram.BadHello)]
    [InlineData("42 44 01 01 a0 a0 a0 a0 0b 0b 0b 0b 00 43 00 00", DevelopmentDatagram.BadHello)]
    [InlineData("42 44 01 01 a0 a0 a0 a0 0b 0b 0b 0b 10 04 00 00 99", DevelopmentDatagram.Hello)]
    public void Datagram_OfAnyKind_IsToldApartAndCounted(string bytes, DevelopmentDatagram kind)
    {
        Assert.Equal(kind, DevelopmentFrame.Read(Sample.Bytes(bytes), out _));
        Open();
        _line.A.Receive(Sample.Bytes(bytes));
        _stacks.Turn();
        Assert.True(_a.Medium[kind] >= 1);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(295)]
    [InlineData(10_000)]
    [InlineData(60_000)]
    public void Message_OfAnySize_IsEchoed(int length)
    {
        Open();
        byte[] body = new byte[length];
        new Random(length).NextBytes(body);

        Assert.Equal(body, _stacks.Ask(body, turns: 1000));
        Assert.Equal(300, _b.Mtu);
        Assert.Equal(0, _a.Statistics.Drops.Total + _b.Statistics.Drops.Total);
    }

    [Fact]
    public void Silence_OfThreeSeconds_TakesTheLinkDownAndAHelloTakesItUp()
    {
        Open();
        _line.Loses = _ => true;
        for (int i = 0; i < 4; i++) _stacks.Turn(1000);
        Assert.False(_a.IsUp);
        Assert.Equal(1, _a.Medium.Silences);

        _line.Loses = null;
        for (int i = 0; i < 3; i++) _stacks.Turn(1000);
        Assert.True(_a.IsUp && _b.IsUp);
        Assert.NotNull(_stacks.Ask([1, 2, 3]));
    }

    [Fact]
    public void QuietLink_WithHellosAlone_StaysUp()
    {
        Open();
        for (int i = 0; i < 100; i++) _stacks.Turn(500);
        Assert.True(_a.IsUp && _b.IsUp);
        Assert.Equal(0, _a.Medium.Silences + _a.Medium.Restarts);
        Assert.InRange(_a.Medium.HellosSent, 45, 60);
    }

    [Fact]
    public void OtherEnd_ThatBeginsAnew_TakesTheLinkDownAndUpAgain()
    {
        Open();
        var changes = new List<bool>();
        _stacks.Asker.LinkChanged += (_, up, _) => changes.Add(up);
        byte[] hello = new byte[16];
        DevelopmentFrame.WriteHello(new DevelopmentHello(12345, SessionA, 68), hello);
        _line.A.Receive(hello);
        _stacks.Turn();
        Assert.Equal(1, _a.Medium.Restarts);
        Assert.Equal([false, true], changes.Take(2));
    }

    [Fact]
    public void Goodbye_TakesTheOtherEndDownAtOnce()
    {
        Open();
        _b.Close(_stacks.Now);
        _stacks.Turn();
        Assert.False(_a.IsUp);
        Assert.Equal(0, _a.Medium.Silences);
    }

    [Fact]
    public void Packets_BeforeTheHello_AreCountedAndDropped()
    {
        _a.Open(_line.A, 1000);
        _line.A.Receive([.. Sample.Bytes("42 44 01 02"), .. Sample.Request]);
        _line.A.Receive([]);
        _line.A.Receive(new byte[DevelopmentFrame.LargestDatagram + 2]);
        _stacks.Asker.Poll(1001, 10);
        Assert.Equal((1, 1, 1), (_a.Medium.EarlyPackets, _a.Medium.Strangers, _a.Medium.TooLong));
        Assert.Equal(0, _a.Statistics.PacketsReceived);
        Assert.Equal(SendRoom.Down, _a.Room(1, 68));
    }

    [Fact]
    public void HelloFlood_OfNewSessions_IsAnsweredNoFasterThanItComes()
    {
        Open();
        long before = _a.Medium.HellosSent;
        byte[] hello = new byte[16];
        for (uint i = 0; i < 500; i++)
        {
            DevelopmentFrame.WriteHello(new DevelopmentHello(i + 1, 0, 68), hello);
            _line.A.Receive([.. hello]);
        }

        for (int i = 0; i < 20; i++)
        {
            _a.NotifyReadable();
            _stacks.Asker.Poll(_stacks.Now, 10);
        }
        Assert.InRange(_a.Medium.HellosSent - before, 1, 500);
    }

    [Fact]
    public void Connection_ThatIsCut_TakesTheLinkDown()
    {
        Open();
        _line.IsCut = true;
        _stacks.Turn();
        _stacks.Turn();
        Assert.False(_a.IsUp);
        Assert.False(_a.IsOnMedium);
    }

    private void Open()
    {
        _a.Open(_line.A, _stacks.Now);
        _b.Open(_line.B, _stacks.Now);
        for (int i = 0; i < 4; i++) _stacks.Turn();
        Assert.True(_a.IsUp && _b.IsUp);
    }
}
