// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Busbar.Mctp;
using Xunit;

namespace Busbar.Endpoints.Tests;

/// <summary>The bench responder, byte by byte.</summary>
public sealed class BenchServiceTests
{
    // prefix, command magic, version 1, command 1, instance 0x11223344, flags 0, size, count
    private static readonly byte[] s_ask =
        [0xCC, 0xDE, 0xF1, 0xDD, 0x22, 1, 1, 0x44, 0x33, 0x22, 0x11, 0, 0, 0, 0, 16, 0, 8, 0, 0, 0, 0, 0, 0, 0];

    private readonly StackPair _pair = new();
    private readonly BenchService _bench = new();

    public BenchServiceTests() => _pair.Server.SetService(MessageType.VendorPci, new VendorTypeService(_bench));

    [Fact]
    public void Ask_ForARun_IsAcceptedAndSent()
    {
        _pair.Send(s_ask);
        _pair.Step(1);
        _pair.Step(1);
        List<byte[]> received = _pair.ReceiveAll();

        // The answer belongs to the request's tag and so comes first; the data needs somebody who is bound.
        Assert.Equal([0xCC, 0xDE, 0xF1, 0xDD, 0x22, 1, 0, 0x44, 0x33, 0x22, 0x11, 0], Assert.Single(received));
        Assert.Equal(8, _bench.Sent);
        Assert.Equal(0, _bench.Running);
    }

    [Fact]
    public void Run_ToABoundSocket_HasSequenceAndFiller()
    {
        Assert.Equal(BindStatus.Ok, _pair.Client.Bind(_pair.Socket, new MctpEndPoint(Eid.Any, MessageType.VendorPci)));

        _pair.Send(s_ask);
        _pair.Step(1);
        _pair.Step(1);
        byte[][] data = [.. _pair.ReceiveAll().Skip(1)];

        Assert.Equal(8, data.Length);
        Assert.Equal([0xCC, 0xDE, 0xF1, 0xCA, 0xBE, 0xFA, 0xFF, 0xFF, 0xFF, 9, 10, 11, 12, 13, 14, 15], data[0]);
        Assert.Equal(
            Enumerable.Range(0, 8).Select(i => 0xFFFF_FFFAu + (uint)i),
            data.Select(message => BinaryPrimitives.ReadUInt32LittleEndian(message.AsSpan(5))));
    }

    [Theory]
    [InlineData(5, 2, 2)] // version 2
    [InlineData(6, 7, 2)] // command 7
    [InlineData(11, 1, 3)] // a flag
    [InlineData(15, 8, 3)] // size below the header
    [InlineData(17, 0, 3)] // no message at all
    public void Ask_WithABadField_IsRefused(int offset, byte value, byte status)
    {
        byte[] ask = [.. s_ask];
        ask[offset] = value;

        _pair.Send(ask);
        byte[]? answer = _pair.Receive();

        Assert.NotNull(answer);
        Assert.Equal(status, answer[11]);
        Assert.Equal(1, _bench.Refused);
        Assert.Equal(0, _bench.Running);
    }

    [Theory]
    [InlineData(11)]
    [InlineData(24)]
    public void Ask_TooShort_IsRefused(int length)
    {
        _pair.Send(s_ask.AsSpan(0, length));

        Assert.Equal((byte)BenchStatus.BadArgument, _pair.Receive()![11]);
    }

    [Fact]
    public void Ask_ForTooManyRuns_IsRefused()
    {
        byte[] endless = [.. s_ask];
        endless.AsSpan(17, 8).Fill(0x7F);

        for (int i = 0; i < BenchService.MaximumRuns; i++) _pair.Send(endless);
        _pair.ReceiveAll();
        _pair.Send(endless);
        byte[] answer = _pair.ReceiveAll().Single(body => body[6] == 0 && body.Length == 12);

        Assert.Equal((byte)BenchStatus.Other, answer[11]);
        Assert.Equal(BenchService.MaximumRuns, _bench.Running);
    }

    [Fact]
    public void Run_ToAPeerThatTakesNothing_EndsAndFreesItsPlace()
    {
        var small = new StackPair(capacity: 8192);
        small.Server.SetService(MessageType.VendorPci, new VendorTypeService(_bench));
        byte[] endless = [.. s_ask];
        endless.AsSpan(17, 8).Fill(0x7F);
        small.Send(endless);

        for (int i = 0; i < 2000 && _bench.Running != 0; i++) small.Server.Poll(small.Now + (10 * i), 64);

        Assert.Equal(0, _bench.Running);
        Assert.Equal(long.MaxValue, ((IVendorProtocol)_bench).NextDeadline);
    }

    [Fact]
    public void Data_FromAPeer_IsCounted()
    {
        byte[] data = [0xCC, 0xDE, 0xF1, 0xCA, 0xBE, 0xFA, 0xFF, 0xFF, 0xFF, 9, 10];

        _pair.Send(data);

        Assert.Null(_pair.Receive());
        Assert.Equal(1, _bench.Received.Received);
        Assert.Equal(11, _bench.Received.Bytes);
    }
}
