// SPDX-License-Identifier: Apache-2.0
using Xunit;

namespace Busbar.Linux.Tests;

/// <summary>Requests as bytes, beside those that a kernel is known to take (little-endian).</summary>
public sealed class MctpNetlinkMessageTests
{
    private readonly byte[] _buffer = new byte[MctpNetlinkMessages.Largest];

    [Fact]
    public void Address_Added_IsTheKnownBytes() => Expect(
        "20000000140005060100000000000000 2d00000002000000 0500020008000000",
        MctpNetlinkMessages.Address(_buffer, 1, new NetlinkAddress(2, 8), add: true));

    [Fact]
    public void Route_WithMtu_IsTheKnownBytes() => Expect(
        "38000000180005060100000000000000 2d0300000000000100000000 0500010009000000 0800040002000000 0c00088008000200 44000000",
        MctpNetlinkMessages.Route(_buffer, 1, new NetlinkRoute { First = 9, Last = 12, Interface = 2, Mtu = 68 }, add: true));

    [Fact]
    public void Route_ByGateway_IsTheKnownBytes() => Expect(
        "30000000180005060100000000000000 2d0300000000000100000000 0500010032000000 0c000500 01000000 09000000",
        MctpNetlinkMessages.Route(_buffer, 1, new NetlinkRoute { First = 50, Last = 53, Gateway = 9, GatewayNetwork = 1 }, add: true));

    [Fact]
    public void Neighbour_WithHardwareAddress_IsTheKnownBytes() => Expect(
        "2c0000001c0005060100000000000000 2d0000000300000000000000 0500010009000000 050002001d000000",
        MctpNetlinkMessages.Neighbour(_buffer, 1, new NetlinkNeighbour(3, 9, new byte[] { 0x1D }), add: true));

    [Fact]
    public void Network_OfAnInterface_IsTheKnownBytes() => Expect(
        "30000000100005000100000000000000 00000000020000000000000000000000 10001a80 0c002d80 08000100 07000000",
        MctpNetlinkMessages.Network(_buffer, 1, 2, 7));

    [Fact]
    public void LinkName_OfAnInterface_EndsWithAZero() => Expect(
        "2c000000100005000100000000000000 00000000020000000000000000000000 0a0003006d6374703000 0000",
        MctpNetlinkMessages.LinkName(_buffer, 1, 2, "mctp0"));

    [Fact]
    public void LinkState_Up_SetsTheFlagAndItsMask() => Expect(
        "20000000100005000100000000000000 00000000020000000100000001000000",
        MctpNetlinkMessages.LinkState(_buffer, 1, 2, isUp: true));

    [Fact]
    public void Route_Removed_NamesTheRangeWithoutItsMetrics() => Expect(
        "2c000000190005000100000000000000 2d0300000000000100000000 0500010009000000 0800040002000000",
        MctpNetlinkMessages.Route(_buffer, 1, new NetlinkRoute { First = 9, Last = 12, Interface = 2, Mtu = 68 }, add: false));

    private static void Expect(string hex, ReadOnlySpan<byte> message) =>
        Assert.Equal(hex.Replace(" ", string.Empty, StringComparison.Ordinal), Convert.ToHexStringLower(message));
}
