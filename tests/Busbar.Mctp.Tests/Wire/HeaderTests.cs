// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp.Tests;

/// <summary>The transport header (DSP0236, 8.1): every value of every byte.</summary>
public sealed class HeaderTests
{
    [Fact]
    public void Header_EveryFirstByte_ShowsVersionAndIgnoresReservedBits()
    {
        for (int value = 0; value < 256; value++)
        {
            MctpHeader header = MctpHeader.Read([(byte)value, 9, 8, 0xC8]);

            Assert.Equal(value & 0x0F, header.Version);
            Assert.Equal(9, header.Destination.Value);
            Assert.True(header.IsWhole);
        }
    }

    [Fact]
    public void Header_EveryEid_IsReadFromItsByte()
    {
        for (int value = 0; value < 256; value++)
        {
            MctpHeader header = MctpHeader.Read([1, (byte)value, (byte)(255 - value), 0]);

            Assert.Equal(value, header.Destination.Value);
            Assert.Equal(255 - value, header.Source.Value);
        }
    }

    [Fact]
    public void Header_EveryFlagByte_RoundTrips()
    {
        for (int value = 0; value < 256; value++)
        {
            MctpHeader header = MctpHeader.Read([1, 9, 8, (byte)value]);
            var rebuilt = new MctpHeader(header.Destination, header.Source, header.IsStart, header.IsEnd, header.Sequence, header.IsTagOwner, header.Tag);
            byte[] bytes = new byte[4];
            rebuilt.Write(bytes);

            Assert.Equal(header, rebuilt);
            Assert.Equal([1, 9, 8, (byte)value], bytes);
            Assert.Equal((value & 0x80) != 0, header.IsStart);
            Assert.Equal((value & 0x40) != 0, header.IsEnd);
            Assert.Equal((value >> 4) & 3, header.Sequence);
            Assert.Equal((value & 0x08) != 0, header.IsTagOwner);
            Assert.Equal(value & 7, header.Tag);
        }
    }

    [Fact]
    public void Header_SequenceAndTag_AreTakenModuloTheirRange()
    {
        var header = new MctpHeader(new Eid(9), new Eid(8), som: false, eom: false, sequence: 6, owner: false, tag: 11);

        Assert.Equal(2, header.Sequence);
        Assert.Equal(3, header.Tag);
    }

    [Fact]
    public void Header_ForPeople_NamesWhatIsSet() =>
        Assert.Equal("8 -> 9 SOM EOM seq 1 TO tag 3", new MctpHeader(new Eid(9), new Eid(8), true, true, 1, true, 3).ToString());

    [Fact]
    public void Receive_EveryVersionByte_AcceptsVersionOneWithAnyReservedBits()
    {
        var core = new Core();
        MctpSocketCore socket = core.OpenBound();
        for (int value = 0; value < 256; value++)
        {
            core.Wire.Send([(byte)value, 8, 9, 0xC8, Core.Vendor, 0x55]);

            Assert.Equal((value & 0x0F) == 1, core.Receive(socket) is not null);
        }

        Assert.Equal(240, core.Drops[DropReason.BadVersion]);
    }

    [Fact]
    public void Receive_EveryDestination_AcceptsOursNullAndBroadcast()
    {
        var core = new Core(eids: [8, 77]);
        MctpSocketCore socket = core.OpenBound();
        for (int value = 0; value < 256; value++)
        {
            core.Arrive(9, value);

            Assert.Equal(value is 0 or 8 or 77 or 255, core.Receive(socket) is not null);
        }

        Assert.Equal(252, core.Drops[DropReason.NotForUs]);
    }

    [Fact]
    public void Receive_EverySource_RefusesReservedAndBroadcast()
    {
        var core = new Core();
        MctpSocketCore socket = core.OpenBound();
        for (int value = 0; value < 256; value++)
        {
            core.Arrive(value, 8);

            Assert.Equal(value is not (>= 1 and <= 7) and not 255, core.Receive(socket) is not null);
        }

        Assert.Equal(8, core.Drops[DropReason.ReservedSource]);
    }

    [Fact]
    public void Receive_EveryFlagByteAlone_DeliversOnlyWholeRequests()
    {
        for (int value = 0; value < 256; value++)
        {
            var core = new Core();
            MctpSocketCore socket = core.OpenBound();
            core.Wire.Send([1, 8, 9, (byte)value, Core.Vendor, 0x55]);

            Assert.Equal((value & 0xC8) == 0xC8, core.Receive(socket) is not null);
        }
    }
}
