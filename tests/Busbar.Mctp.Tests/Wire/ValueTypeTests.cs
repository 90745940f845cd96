// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>The small types that make up addresses.</summary>
public sealed class ValueTypeTests
{
    [Fact]
    public void Eid_EveryValue_IsClassified()
    {
        for (int value = 0; value < 256; value++)
        {
            var eid = new Eid((byte)value);

            Assert.Equal(value is >= 8 and <= 254, eid.IsAssignable);
            Assert.Equal(value is >= 1 and <= 7, eid.IsReserved);
        }
    }

    [Fact]
    public void Tag_EveryByte_IsAcceptedAsTheKernelDoes()
    {
        for (int value = 0; value < 256; value++)
        {
            bool good = MctpTag.TryCreate((byte)value, out MctpTag tag);

            Assert.Equal(value <= 0x1F && ((value & 0x10) == 0 || (value & 0x08) != 0), good);
            if (good) Assert.Equal(value, tag.Raw);
        }
    }

    [Fact]
    public void Tag_TurnedRound_KeepsItsValueAndLosesItsOwner()
    {
        MctpTag answer = MctpTag.Preallocated(5).ToResponse();

        Assert.Equal(5, answer.Value);
        Assert.False(answer.IsOwner);
        Assert.False(answer.IsPreallocated);
    }

    [Fact]
    public void MessageType_EveryByte_SplitsIntoTypeAndIntegrityBit()
    {
        for (int value = 0; value < 256; value++)
        {
            var type = new MessageType((byte)value);

            Assert.Equal(value & 0x7F, type.Value);
            Assert.Equal(value >= 0x80, type.HasIntegrityCheck);
            Assert.Equal(type, new MessageType(type.Value).WithIntegrityCheck(type.HasIntegrityCheck));
        }
    }

    [Fact]
    public void PhysicalAddress_EveryLength_RoundTrips()
    {
        for (int length = 0; length <= PhysicalAddress.MaximumLength; length++)
        {
            byte[] bytes = Bytes.Pattern(length, seed: 3);
            var address = new PhysicalAddress(bytes);
            byte[] copy = new byte[length];

            Assert.Equal(length, address.CopyTo(copy));
            Assert.Equal(bytes, copy);
            Assert.Equal(address, new PhysicalAddress(bytes));
        }
    }

    [Fact]
    public void PhysicalAddress_TooLong_IsRefused() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new PhysicalAddress(new byte[33]));

    [Theory]
    [InlineData("F1F0FF00", "1.0")]
    [InlineData("F1F1F000", "1.1.0")]
    [InlineData("F1F2FF00", "1.2")]
    [InlineData("F1F3F100", "1.3.1")]
    [InlineData("F1F3F300", "1.3.3")]
    [InlineData("F3F1FF00", "3.1")]
    [InlineData("F1F0FF61", "1.0a")]
    [InlineData("F3F71061", "3.7.10a")]
    [InlineData("1011F700", "10.11.7")]
    public void Version_OfTheStandardsExamples_ReadsAndWrites(string hex, string text)
    {
        MctpVersion version = MctpVersion.Read(Bytes.FromHex(hex));
        byte[] bytes = new byte[4];
        version.Write(bytes);

        Assert.Equal(text, version.ToString());
        Assert.Equal(Bytes.FromHex(hex), bytes);
    }

    [Fact]
    public void Version_Built_HasThePackedForm()
    {
        Assert.Equal(0xF1F3F300u, new MctpVersion(1, 3, 3).Raw);
        Assert.Equal(0x1011F700u, new MctpVersion(10, 11, 7).Raw);
        Assert.Equal(0xF1F0FF61u, new MctpVersion(1, 0, alpha: 'a').Raw);
    }
}
