// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;
using Xunit;

namespace Busbar.Mmbi.Tests;

/// <summary>The packet header in every format: golden bytes, every length, every value of every byte.</summary>
public sealed class HeaderFormatTests
{
    [Theory]
    [InlineData("v1.0-aspeed", 5, "0f000004")]
    [InlineData("v1.0-aspeed", 7, "0d000004")]
    [InlineData("v1.0-aspeed", 8, "0c000004")]
    [InlineData("v1.0-aspeed", 68, "48000004")]
    [InlineData("v1.0-aspeed", 1024, "04040004")]
    [InlineData("v1.0-aspeed", 65536, "04000104")]
    [InlineData("v1.0-espi", 5, "0b000004")]
    [InlineData("v1.0-espi", 7, "09000004")]
    [InlineData("v1.0-espi", 8, "08000004")]
    [InlineData("v1.0-espi", 68, "44000004")]
    [InlineData("v1.0-espi", 1024, "00040004")]
    [InlineData("v1.0-espi", 65536, "00000104")]
    [InlineData("v1.1", 5, "00000b04")]
    [InlineData("v1.1", 7, "00000904")]
    [InlineData("v1.1", 8, "00000804")]
    [InlineData("v1.1", 68, "00004404")]
    [InlineData("v1.1", 1024, "00040004")]
    [InlineData("v1.1", 65536, "01000004")]
    public void Encode_KnownPayload_GivesTheBytesOnTheWire(string dialect, int payload, string bytes)
    {
        Assert.True(MmbiDialect.TryParse(dialect, out MmbiDialect? parsed));

        uint header = parsed.HeaderFormat.Encode(payload, MmbiPacketType.Mctp);

        Assert.Equal(bytes, Bytes(header));
    }

    [Fact]
    public void Encode_RoundedDownSeven_GivesWhatTheEspiDriverSends() =>
        Assert.Equal("05000004", Bytes(MmbiHeaderFormat.LittleEndianRoundedDown.Encode(7, MmbiPacketType.Mctp)));

    [Fact]
    public void Decode_RoundedDownSeven_FindsTheWholePayload()
    {
        bool decoded = MmbiHeaderFormat.LittleEndianRoundedDown.TryDecode(0x04000005, out MmbiPacketHeader header);

        Assert.True(decoded);
        Assert.Equal(new MmbiPacketHeader(MmbiPacketType.Mctp, 7, 12), header);
    }

    [Fact]
    public void Decode_EveryLengthThatWasEncoded_ReturnsIt()
    {
        foreach (MmbiHeaderFormat format in MmbiHeaderFormat.All)
        {
            foreach (int length in Enumerable.Range(1, 70_000).Append(MmbiPacketHeader.MaximumPayload - 1).Append(MmbiPacketHeader.MaximumPayload))
            {
                bool decoded = format.TryDecode(format.Encode(length, MmbiPacketType.Mctp), out MmbiPacketHeader header);

                Assert.True(decoded);
                Assert.Equal(length, header.PayloadLength);
                Assert.Equal(MmbiPacketHeader.Occupied(length), header.OccupiedLength);
                Assert.Equal(MmbiPacketType.Mctp, header.Type);
            }
        }
    }

    [Fact]
    public void Decode_EveryValueOfEveryByte_NeverContradictsItself()
    {
        for (int lane = 0; lane < 4; lane++)
        {
            for (uint rest = 0; rest < 0x10000; rest += 0x0101)
            {
                for (uint value = 0; value < 256; value++)
                {
                    uint raw = BitOperationsSpread(rest, lane) | (value << (8 * lane));
                    foreach (MmbiHeaderFormat format in MmbiHeaderFormat.All) CheckConsistency(format, raw);
                }
            }
        }
    }

    [Theory]
    [InlineData("v1.0-aspeed", 0x04000000u)]
    [InlineData("v1.0-aspeed", 0x04000004u)]
    [InlineData("v1.0-aspeed", 0x04000007u)]
    [InlineData("v1.0-espi", 0x04000000u)]
    [InlineData("v1.0-espi", 0x04000003u)]
    [InlineData("v1.1", 0x04000000u)]
    [InlineData("v1.1", 0x04030000u)]
    public void Decode_PacketWithoutPayload_IsRefused(string dialect, uint raw)
    {
        Assert.True(MmbiDialect.TryParse(dialect, out MmbiDialect? parsed));

        Assert.False(parsed.HeaderFormat.TryDecode(raw, out _));
    }

    [Fact]
    public void Decode_ReservedBits_AreIgnored()
    {
        foreach (MmbiHeaderFormat format in MmbiHeaderFormat.All)
        {
            uint raw = format.Encode(64, MmbiPacketType.Mctp) | 0xF0000000;

            Assert.True(format.TryDecode(raw, out MmbiPacketHeader header));
            Assert.Equal(new MmbiPacketHeader(MmbiPacketType.Mctp, 64, 68), header);
        }
    }

    [Fact]
    public void Encode_EveryType_ComesBack()
    {
        foreach (MmbiHeaderFormat format in MmbiHeaderFormat.All)
        {
            for (int type = 0; type < 16; type++)
            {
                format.TryDecode(format.Encode(9, (MmbiPacketType)type), out MmbiPacketHeader header);

                Assert.Equal((MmbiPacketType)type, header.Type);
            }
        }
    }

    private static uint BitOperationsSpread(uint sixteen, int without)
    {
        // Two bytes of context around the one under test, so that carries between the fields would show.
        uint low = sixteen & 0xFF;
        uint high = sixteen >> 8;
        return (low << (8 * ((without + 1) & 3))) | (high << (8 * ((without + 2) & 3)));
    }

    private static void CheckConsistency(MmbiHeaderFormat format, uint raw)
    {
        if (!format.TryDecode(raw, out MmbiPacketHeader header)) return;
        Assert.Equal(0, header.OccupiedLength % 4);
        Assert.InRange(header.OccupiedLength - header.PayloadLength, MmbiPacketHeader.Size, MmbiPacketHeader.Size + 3);
        Assert.Equal(MmbiPacketHeader.Occupied(header.PayloadLength), header.OccupiedLength);
        Assert.Equal(raw & 0x0FFFFFFF, format.Encode(header.PayloadLength, header.Type));
    }

    private static string Bytes(uint header)
    {
        byte[] bytes = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(bytes, header);
        return Convert.ToHexStringLower(bytes);
    }
}
