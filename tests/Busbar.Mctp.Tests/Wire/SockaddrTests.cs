// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;

namespace Busbar.Mctp.Tests;

/// <summary><c>struct sockaddr_mctp</c> and <c>sockaddr_mctp_ext</c> of Linux.</summary>
public sealed class SockaddrTests
{
    [Fact]
    public void Sockaddr_OfAnOwnedTag_HasTheKernelsLayout()
    {
        var endPoint = new MctpEndPoint(new Eid(9), MessageType.VendorPci, MctpTag.Owner, network: 1);
        byte[] bytes = new byte[12];

        Assert.Equal(12, endPoint.WriteSockaddr(bytes));
        Assert.Equal("2d 00 00 00 01 00 00 00 09 7e 08 00", Bytes.ToHex(bytes));
    }

    [Fact]
    public void Sockaddr_Extended_IsFiftyTwoBytes()
    {
        var endPoint = new MctpEndPoint(Eid.Null, MessageType.Control, MctpTag.Owner, 1, link: 3, address: new PhysicalAddress([0x1D]));
        byte[] bytes = new byte[52];

        Assert.Equal(52, endPoint.WriteSockaddr(bytes));
        Assert.Equal([3, 0, 0, 0, 1, 0, 0, 0, 0x1D], bytes[12..21]);
        Assert.True(MctpEndPoint.TryReadSockaddr(bytes, out MctpEndPoint read));
        Assert.Equal(endPoint, read);
    }

    [Theory]
    [InlineData(0, 0x2E)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(10, 0x20)]
    [InlineData(10, 0x10)]
    [InlineData(11, 1)]
    [InlineData(16, 33)]
    [InlineData(17, 1)]
    [InlineData(18, 1)]
    [InlineData(19, 1)]
    public void Sockaddr_WithAByteThatMustNotBe_IsRefused(int offset, byte value)
    {
        byte[] bytes = new byte[52];
        new MctpEndPoint(new Eid(9), MessageType.VendorPci, MctpTag.Owner, 1, link: 1).WriteSockaddr(bytes);
        bytes[offset] = value;

        Assert.False(MctpEndPoint.TryReadSockaddr(bytes, out _));
    }

    [Fact]
    public void Sockaddr_OfAnyOtherLength_IsRefused()
    {
        byte[] bytes = new byte[64];
        new MctpEndPoint(new Eid(9), MessageType.VendorPci).WriteSockaddr(bytes);
        for (int length = 0; length <= 64; length++)
            Assert.Equal(length is 12 or 52, MctpEndPoint.TryReadSockaddr(bytes.AsSpan(0, length), out _));
    }

    [Fact]
    public void Sockaddr_OfAnyEndPoint_RoundTrips() =>
        Check.One(Config.QuickThrowOnFailure, Prop.ForAll<uint, byte, byte>((network, eid, type) =>
        {
            for (int raw = 0; raw < 0x20; raw++)
            {
                if (!MctpTag.TryCreate((byte)raw, out MctpTag tag)) continue;
                var address = new PhysicalAddress(Bytes.Pattern((int)(network % 33)));
                var endPoint = new MctpEndPoint(new Eid(eid), new MessageType(type), tag, network, link: 1 + raw, address);
                byte[] bytes = new byte[52];
                endPoint.WriteSockaddr(bytes);
                if (!MctpEndPoint.TryReadSockaddr(bytes, out MctpEndPoint read) || read != endPoint) return false;
            }

            return true;
        }));
}
