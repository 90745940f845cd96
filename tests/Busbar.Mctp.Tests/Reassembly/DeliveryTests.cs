// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>Packets into messages: what completes, in the cases that kernel and library test suites agree on.</summary>
public sealed class DeliveryTests
{
    [Fact]
    public void Receive_OfTheTypeByteAlone_DeliversAnEmptyBody()
    {
        var core = new Core();
        MctpSocketCore socket = core.OpenBound();
        core.Wire.Send("01 08 09 c8 7e");

        Assert.Equal([], core.Receive(socket, out MctpReceiveResult result)!);
        Assert.Equal(0, result.Length);
    }

    [Fact]
    public void Receive_OfNoPayload_IsDropped()
    {
        var core = new Core();
        MctpSocketCore socket = core.OpenBound();
        core.Wire.Send("01 08 09 c8");

        Assert.Null(core.Receive(socket));
        Assert.Equal(1, core.Drops[DropReason.EmptyPayload]);
        Assert.Equal(1, core.Link.Statistics.Drops[DropReason.EmptyPayload]);
    }

    [Fact]
    public void Receive_OfARequest_TellsTheWholeAddress()
    {
        var core = new Core();
        MctpSocketCore socket = core.OpenBound();
        core.Wire.Send(9, 8, Core.Flags(som: true, eom: true, tag: 5), [0xFE, 1, 2]);

        byte[]? body = core.Receive(socket, out MctpReceiveResult result);

        Assert.Equal([1, 2], body);
        Assert.Equal(new MctpEndPoint(new Eid(9), new MessageType(0xFE), MctpTag.Owned(5), 1, core.Link.Index), result.From);
        Assert.Equal(new Eid(8), result.Local);
        Assert.False(result.Truncated);
    }

    [Fact]
    public void Receive_IntoAShortBuffer_IsCutAndTellsTheRealLength()
    {
        var core = new Core();
        MctpSocketCore socket = core.OpenBound();
        core.Arrive(9, 8, body: [1, 2, 3, 4]);
        core.Poll();
        byte[] buffer = new byte[2];

        Assert.True(core.Stack.TryReceive(socket, buffer, out MctpReceiveResult result));
        Assert.Equal([1, 2], buffer);
        Assert.Equal(4, result.Length);
        Assert.True(result.Truncated);
    }

    [Fact]
    public void Peek_OfAMessage_LeavesItInTheQueue()
    {
        var core = new Core();
        MctpSocketCore socket = core.OpenBound();
        core.Arrive(9, 8, body: [1, 2, 3]);
        core.Poll();

        Assert.True(core.Stack.TryPeek(socket, default, out MctpReceiveResult peeked));
        Assert.Equal(3, peeked.Length);
        Assert.Equal(1, socket.QueuedMessages);
        Assert.Equal([1, 2, 3], core.Receive(socket));
        Assert.False(core.Stack.TryPeek(socket, default, out _));
    }

    [Theory]
    [InlineData(0xC8, 0x01, true)]
    [InlineData(0xC8, 0x05, false)]
    [InlineData(0xC0, 0x01, false)]
    [InlineData(0x48, 0x01, false)]
    [InlineData(0x08, 0x01, false)]
    [InlineData(0x00, 0x01, false)]
    public void Receive_ForABoundType_NeedsAWholeRequestOfThatType(byte flags, byte type, bool delivered)
    {
        var core = new Core();
        MctpSocketCore socket = core.OpenBound(type: 1);
        core.Wire.Send(10, 8, flags, [type, 0]);

        Assert.Equal(delivered, core.Receive(socket) is not null);
    }

    [Theory]
    [InlineData("0", true)]
    [InlineData("1", true)]
    [InlineData("0 1", true)]
    [InlineData("1 2", true)]
    [InlineData("0 1 2", true)]
    [InlineData("3 0", true)]
    [InlineData("1 2 3 0 1 2 3 0 1", true)]
    [InlineData("0 2", false)]
    [InlineData("0 0", false)]
    [InlineData("0 1 3", false)]
    [InlineData("2 1", false)]
    public void Receive_OfASequence_DeliversOnlyWhenEachCountsOne(string sequence, bool delivered)
    {
        var core = new Core();
        MctpSocketCore socket = core.OpenBound();
        int[] numbers = [.. sequence.Split(' ').Select(int.Parse)];
        for (int i = 0; i < numbers.Length; i++)
        {
            byte flags = Core.Flags(som: i == 0, eom: i == numbers.Length - 1, sequence: numbers[i]);
            core.Wire.Send(9, 8, flags, [.. Enumerable.Repeat(Core.Vendor, 64)]);
        }

        byte[]? body = core.Receive(socket);

        Assert.Equal(delivered ? (64 * numbers.Length) - 1 : null, body?.Length);
        Assert.Equal(delivered ? 0 : 1, core.Drops[DropReason.BadSequence]);
    }

    [Fact]
    public void Receive_OfAnEndBeforeItsStart_DeliversNothing()
    {
        var core = new Core();
        MctpSocketCore socket = core.OpenBound();
        core.Wire.Send(9, 8, Core.Flags(eom: true, sequence: 1), new byte[64]);
        core.Wire.Send(9, 8, Core.Flags(som: true, sequence: 0), Body(64));

        Assert.Null(core.Receive(socket));
        Assert.Equal(1, core.Drops[DropReason.NoAssembly]);
        Assert.Equal(1, core.Stack.RunningAssemblies);
    }

    [Theory]
    [InlineData(64, 64, true)]
    [InlineData(63, 64, false)]
    [InlineData(65, 64, false)]
    [InlineData(64, 1, true)]
    [InlineData(64, 65, false)]
    public void Receive_OfUnequalPackets_IsJudgedStrictly(int middle, int end, bool delivered)
    {
        var core = new Core(mtu: 100);
        MctpSocketCore socket = core.OpenBound();
        SendThree(core, 64, middle, end);

        Assert.Equal(delivered, core.Receive(socket) is not null);
        Assert.Equal(delivered ? 0 : 1, core.Drops[DropReason.SizeChanged]);
        Assert.Equal(0, core.Stack.RunningAssemblies);
    }

    [Theory]
    [InlineData(63, 64)]
    [InlineData(65, 64)]
    [InlineData(64, 90)]
    public void Receive_OfUnequalPackets_IsTakenWhenLenient(int middle, int end)
    {
        var core = new Core(mtu: 100, options: new MctpStackOptions { StrictPacketSizes = false });
        MctpSocketCore socket = core.OpenBound();
        SendThree(core, 64, middle, end);

        Assert.Equal(64 + middle + end - 1, core.Receive(socket)!.Length);
    }

    [Fact]
    public void Receive_OfTheLongestMessage_IsDeliveredAndOneMoreByteIsNot()
    {
        var core = new Core(mtu: 1028, capacity: 1 << 20);
        MctpSocketCore socket = core.OpenBound();
        SendLong(core, 65_536);
        byte[]? longest = core.Receive(socket);
        SendLong(core, 65_537);

        Assert.Equal(65_535, longest!.Length);
        Assert.Null(core.Receive(socket));
        Assert.Equal(1, core.Drops[DropReason.MessageTooLong]);
        Assert.Equal(0, core.Stack.RunningAssemblies);
    }

    [Fact]
    public void Receive_OfAPacketLongerThanAnyMessage_IsDropped()
    {
        var core = new Core(mtu: 2000, options: new MctpStackOptions { MaximumMessage = 1000 });
        MctpSocketCore socket = core.OpenBound();
        core.Wire.Send(9, 8, Core.Flags(som: true, eom: true), Body(1001));

        Assert.Null(core.Receive(socket));
        Assert.Equal(1, core.Drops[DropReason.PacketTooLarge]);
    }

    [Fact]
    public void Receive_OfALongMessageAfterAShortOne_GrowsTheBuffer()
    {
        var core = new Core(mtu: 68);
        MctpSocketCore socket = core.OpenBound();
        foreach (int length in new[] { 65, 100, 300, 5_000, 20_000, 65_536, 70, 4_096 })
        {
            byte[] message = [Core.Vendor, .. Bytes.Pattern(length - 1, seed: length)];
            SendMessage(core, message, unit: 64);

            Assert.Equal(message[1..], core.Receive(socket));
        }
    }

    [Fact]
    public void Receive_ForNobody_IsDroppedWithAReason()
    {
        var core = new Core();
        core.Arrive(9, 8, type: 5);
        core.Poll();

        Assert.Equal(1, core.Drops[DropReason.NoListener]);
    }

    [Fact]
    public void Receive_OfMoreThanTheQueueHolds_DropsTheNewest()
    {
        var core = new Core(options: new MctpStackOptions { SocketQueueMessages = 3 });
        MctpSocketCore socket = core.OpenBound();
        for (byte i = 0; i < 5; i++) core.Arrive(9, 8, body: [i]);
        core.Poll();

        Assert.Equal(3, socket.QueuedMessages);
        Assert.Equal(2, socket.Dropped);
        Assert.Equal(2, core.Drops[DropReason.QueueFull]);
        Assert.Equal([0], core.Receive(socket));
    }

    [Fact]
    public void Queue_ThatGrowsWhileItIsUsed_KeepsItsOrder()
    {
        var core = new Core();
        MctpSocketCore socket = core.OpenBound();
        byte sent = 0;
        byte received = 0;
        for (int round = 1; round < 12; round++)
        {
            for (int i = 0; i < round * 2; i++) core.Arrive(9, 8, body: [sent++]);
            for (int i = 0; i < round; i++) Assert.Equal(received++, core.Receive(socket)!.Single());
        }

        while (received != sent) Assert.Equal(received++, core.Receive(socket)!.Single());
    }

    [Fact]
    public void Receive_OfAFragmentedMessageIntoAFullQueue_FreesItsAssembly()
    {
        var core = new Core(options: new MctpStackOptions { SocketQueueMessages = 1 });
        MctpSocketCore socket = core.OpenBound();
        core.Arrive(9, 8);
        SendMessage(core, Body(100), unit: 64);
        core.Poll();

        Assert.Equal(1, core.Drops[DropReason.QueueFull]);
        Assert.Equal(0, core.Stack.RunningAssemblies);
        Assert.Equal(0, core.Stack.ReassemblyBytes);
    }

    private static byte[] Body(int length) => [Core.Vendor, .. Bytes.Pattern(length - 1)];

    private static void SendThree(Core core, int first, int middle, int end)
    {
        core.Wire.Send(9, 8, Core.Flags(som: true, sequence: 0), Body(first));
        core.Wire.Send(9, 8, Core.Flags(sequence: 1), new byte[middle]);
        core.Wire.Send(9, 8, Core.Flags(eom: true, sequence: 2), new byte[end]);
    }

    private static void SendLong(Core core, int length) => SendMessage(core, Body(length), unit: 1024);

    private static void SendMessage(Core core, byte[] message, int unit)
    {
        byte[][] pieces = [.. message.Chunk(unit)];
        for (int i = 0; i < pieces.Length; i++)
            core.Wire.Send(9, 8, Core.Flags(som: i == 0, eom: i == pieces.Length - 1, sequence: i), pieces[i]);
    }
}
