// SPDX-License-Identifier: Apache-2.0
using Busbar.Mctp;
using Xunit;

namespace Busbar.Endpoints.Tests;

/// <summary>Message type 0x7e: which protocol answers what.</summary>
public sealed class VendorTypeServiceTests
{
    private readonly StackPair _pair = new();
    private readonly EchoService _echo = new();
    private readonly VendorTypeService _service;

    public VendorTypeServiceTests()
    {
        _service = new VendorTypeService(_echo, new BenchService());
        _pair.Server.SetService(MessageType.VendorPci, _service);
    }

    [Theory]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(64)]
    [InlineData(65535)]
    public void Echo_OfARequest_AnswersTheSameBytes(int size)
    {
        byte[] request = new byte[size];
        new Random(size).NextBytes(request);
        new byte[] { 0xCC, 0xDE, 0xF0 }.CopyTo(request, 0);

        _pair.Send(request);

        Assert.Equal(request, _pair.Receive());
        Assert.Equal(1, _echo.Answered);
    }

    [Fact]
    public void Echo_OfAMessageThatIsNoRequest_StaysSilent()
    {
        _pair.Send([0xCC, 0xDE, 0xF0, 1], MctpTag.Unowned(3));

        Assert.Null(_pair.Receive());
        Assert.Equal(0, _echo.Answered);
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 0xCC })]
    [InlineData(new byte[] { 0xCC, 0xDE })]
    [InlineData(new byte[] { 0xCC, 0xDE, 0xF2 })]
    [InlineData(new byte[] { 0x34, 0x12, 0xF0, 1, 2 })]
    public void Service_OfAnotherPrefix_CountsAndStaysSilent(byte[] body)
    {
        _pair.Send(body);

        Assert.Null(_pair.Receive());
        Assert.Equal(1, _service.Unknown);
    }
}
