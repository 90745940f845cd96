// SPDX-License-Identifier: Apache-2.0
using FsCheck;
using FsCheck.Fluent;

namespace Busbar.Bindings.Tests;

/// <summary>Frames of the bindings that have no link here: the known vectors, faults by name, and what holds for any bytes.</summary>
public sealed class CodecTests
{
    private static readonly Config s_config = Config.QuickThrowOnFailure.WithMaxTest(300);

    private readonly byte[] _frame = new byte[10_000];

    private delegate FrameFault Parser(ReadOnlySpan<byte> bytes, out byte[] packet);

    [Fact]
    public void Checks_OfTheCheckString_AreTheKnownValues()
    {
        Assert.Equal(0xF4, PacketErrorCode.Of("123456789"u8));
        Assert.Equal(0xCBF43926, Crc32.Of("123456789"u8));
    }

    [Fact]
    public void Smbus_InBothDirections_IsTheVector()
    {
        Assert.Equal(Sample.Bytes("3a 0f 08 21 01 00 08 c8 00 80 02 56"), Written(SmbusFrame.Write(0x1D, 0x10, Sample.Request, _frame)));
        Assert.Equal(Sample.Bytes("20 0f 0c 3b 01 08 09 c0 00 00 02 00 09 00 00 80"), Written(SmbusFrame.Write(0x10, 0x1D, Sample.Response, _frame)));
        Assert.Equal(FrameFault.None, SmbusFrame.TryParse(Sample.Bytes("3a 0f 08 21 01 00 08 c8 00 80 02 56"), out SmbusFrame frame));
        Assert.Equal((0x1D, 0x10), (frame.Destination, frame.Source));
        Assert.Equal(Sample.Request, frame.Packet.ToArray());
    }

    [Theory]
    [InlineData("3a 0f 08 21 01 00 08 c8", FrameFault.TooShort)]
    [InlineData("3a 0e 08 21 01 00 08 c8 00 80 02 56", FrameFault.BadIdentifier)]
    [InlineData("3b 0f 08 21 01 00 08 c8 00 80 02 56", FrameFault.BadAddress)]
    [InlineData("3a 0f 08 20 01 00 08 c8 00 80 02 56", FrameFault.BadAddress)]
    [InlineData("3a 0f 04 21 01 00 08 c8 00 80 02 56", FrameFault.BadLength)]
    [InlineData("3a 0f 09 21 01 00 08 c8 00 80 02 56", FrameFault.Truncated)]
    [InlineData("3a 0f 07 21 01 00 08 c8 00 80 02 56", FrameFault.TrailingBytes)]
    [InlineData("3a 0f 08 21 01 00 08 c8 00 80 02 57", FrameFault.BadCheck)]
    public void Smbus_WithAFault_IsRefusedByName(string bytes, FrameFault fault) => Assert.Equal(fault, SmbusFrame.TryParse(Sample.Bytes(bytes), out _));

    [Fact]
    public void Usb_OneAndTwoPackets_AreTheVectors()
    {
        var writer = new UsbTransferWriter(_frame.AsSpan(0, UsbFrame.TransferSize));
        Assert.True(writer.TryAdd(Sample.Request));
        Assert.Equal(Sample.Bytes("1a b4 00 0b 01 00 08 c8 00 80 02"), Written(writer.Length));
        Assert.True(writer.TryAdd(Sample.Response));
        byte[] both = Sample.Bytes("1a b4 00 0b 01 00 08 c8 00 80 02 1a b4 00 0f 01 08 09 c0 00 00 02 00 09 00 00");
        Assert.Equal(both, Written(writer.Length));

        Assert.Equal([Sample.Request, Sample.Response], Packets(both, out FrameFault fault));
        Assert.Equal(FrameFault.None, fault);
        Assert.Equal([Sample.Request, Sample.Response], Packets(new UsbStreamReader(), both));
    }

    [Fact]
    public void UsbTransfer_ThatIsFull_TakesNoMore()
    {
        var writer = new UsbTransferWriter(_frame.AsSpan(0, UsbFrame.TransferSize));
        byte[] packet = new byte[251];
        Assert.True(writer.TryAdd(packet));
        Assert.True(writer.TryAdd(packet));
        Assert.False(writer.TryAdd(packet));
        Assert.Equal(510, writer.Length);
    }

    [Theory]
    [InlineData("1a b4 00 0b 01 00 08 c8 00 80 02 1b b4 00 0b 01 00 08 c8 00 80 02", FrameFault.BadIdentifier)]
    [InlineData("1a b4 00 0b 01 00 08 c8 00 80 02 1a b4 00 07 01 00 08", FrameFault.BadLength)]
    [InlineData("1a b4 00 0b 01 00 08 c8 00 80 02 1a b4 00 0b 01 00 08 c8 00 80", FrameFault.Truncated)]
    [InlineData("1a b4 00 0b 01 00 08 c8 00 80 02 1a b4 00", FrameFault.TooShort)]
    [InlineData("1a b4 00 0b 01 00 08 c8 00 80 02 1a b4 01 0b 01 00 08 c8 00 80 02", FrameFault.ReservedBits)]
    public void UsbTransfer_WithAFault_LosesItsRestAlone(string transfer, FrameFault fault)
    {
        Assert.Equal([Sample.Request], Packets(Sample.Bytes(transfer), out FrameFault found));
        Assert.Equal(fault, found);
    }

    [Fact]
    public void UsbStream_OfPacketsOverTransfers_GivesThemWhole() =>
        Check.One(s_config, Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            var sent = new List<byte[]>();
            var stream = new List<byte>();
            byte[] frame = new byte[9000];
            for (int i = random.Next(1, 8); i > 0; i--)
            {
                byte[] packet = Sample.Packet(random, random.Next(4, UsbFrame.LargestPacket(UsbVersion.V11) + 1));
                sent.Add(packet);
                stream.AddRange(frame.AsSpan(0, UsbFrame.Write(packet, UsbVersion.V11, frame)));
            }

            var reader = new UsbStreamReader();
            var received = new List<byte[]>();
            int piece = random.Next(2) == 0 ? UsbFrame.TransferSize : random.Next(1, 600);
            foreach (byte[] transfer in stream.Chunk(piece)) received.AddRange(Packets(reader, transfer));
            return received.Count == sent.Count && received.Zip(sent).All(pair => pair.First.SequenceEqual(pair.Second)) && reader.Faults == 0 && !reader.IsInPacket;
        }));

    [Fact]
    public void UsbStream_BehindAFaultOrAnEmptyTransfer_GoesOnWithTheNextTransfer()
    {
        var reader = new UsbStreamReader();
        byte[] good = Sample.Bytes("1a b4 00 0b 01 00 08 c8 00 80 02");

        Assert.Empty(Packets(reader, [1, 2, 3, 4, 5, .. good]));
        Assert.Equal((1, FrameFault.BadIdentifier), (reader.Faults, reader.LastFault));
        Assert.Equal([Sample.Request], Packets(reader, good));
        Assert.Empty(Packets(reader, good.AsSpan(0, 6)));
        Assert.True(reader.IsInPacket);
        Assert.Empty(Packets(reader, []));
        Assert.Equal((2, FrameFault.Truncated), (reader.Faults, reader.LastFault));
        Assert.Equal([Sample.Request], Packets(reader, good));
    }

    [Fact]
    public void PcieVdm_RoutedById_IsTheVector()
    {
        byte[] vector = Sample.Bytes("72 00 10 01 01 00 10 7f 02 00 1a b4 01 00 08 c8 00 80 02 00");
        Assert.Equal(vector, Written(PcieVdmFrame.Write(PcieVdmRouting.ById, 0x0100, 0x0200, Sample.Request, _frame)));

        // Some senders leave the attribute bits clear.
        foreach (byte attributes in new byte[] { 0x10, 0x00 })
        {
            vector[2] = attributes;
            Assert.Equal(FrameFault.None, PcieVdmFrame.TryParse(vector, out PcieVdmFrame frame));
            Assert.Equal((PcieVdmRouting.ById, 0x0100, 0x0200), (frame.Routing, frame.Requester, frame.Target));
            Assert.Equal(Sample.Request, frame.Packet.ToArray());
        }
    }

    [Theory]
    [InlineData(0, 0x60, FrameFault.BadType)]
    [InlineData(0, 0x71, FrameFault.BadType)]
    [InlineData(7, 0x7E, FrameFault.BadType)]
    [InlineData(6, 0x11, FrameFault.BadIdentifier)]
    [InlineData(6, 0x50, FrameFault.ReservedBits)]
    [InlineData(10, 0x80, FrameFault.BadIdentifier)]
    [InlineData(3, 2, FrameFault.Truncated)]
    [InlineData(2, 0x50, FrameFault.Poisoned)]
    [InlineData(2, 0x90, FrameFault.Truncated)]
    public void PcieVdm_WithAFault_IsRefusedByName(int offset, byte value, FrameFault fault)
    {
        byte[] bytes = Sample.Bytes("72 00 10 01 01 00 10 7f 02 00 1a b4 01 00 08 c8 00 80 02 00");
        bytes[offset] = value;
        Assert.Equal(fault, PcieVdmFrame.TryParse(bytes, out _));
    }

    [Fact]
    public void PcieVdm_OfTheLargestPacket_IsReadBack()
    {
        byte[] packet = Sample.Packet(new Random(1), PcieVdmFrame.LargestPacket);
        int length = PcieVdmFrame.Write(PcieVdmRouting.BroadcastFromRootComplex, 1, 2, packet, _frame);
        Assert.Equal(FrameFault.None, PcieVdmFrame.TryParse(_frame.AsSpan(0, length), out PcieVdmFrame frame));
        Assert.Equal(packet, frame.Packet.ToArray());
        Assert.Equal(0, frame.Target);
    }

    [Fact]
    public void Kcs_InBothDirections_IsTheVector()
    {
        byte[] vector = Sample.Bytes("b0 01 07 01 00 08 c8 00 80 02 64");
        Assert.Equal(vector, Written(KcsFrame.Write(Sample.Request, _frame)));
        Assert.Equal(FrameFault.None, KcsFrame.TryParse(vector, out ReadOnlySpan<byte> packet));
        Assert.Equal(Sample.Request, packet.ToArray());
    }

    [Theory]
    [InlineData("b0 01 07 01 00 08 c8", FrameFault.TooShort)]
    [InlineData("18 01 07 01 00 08 c8 00 80 02 64", FrameFault.BadType)]
    [InlineData("b0 02 07 01 00 08 c8 00 80 02 64", FrameFault.BadIdentifier)]
    [InlineData("b0 01 03 01 00 08 c8 00 80 02 64", FrameFault.BadLength)]
    [InlineData("b0 01 08 01 00 08 c8 00 80 02 64", FrameFault.Truncated)]
    [InlineData("b0 01 06 01 00 08 c8 00 80 02 64", FrameFault.TrailingBytes)]
    [InlineData("b0 01 07 01 00 08 c8 00 80 02 65", FrameFault.BadCheck)]
    public void Kcs_WithAFault_IsRefusedByName(string bytes, FrameFault fault) => Assert.Equal(fault, KcsFrame.TryParse(Sample.Bytes(bytes), out _));

    [Fact]
    public void I3c_WritesReadsAndInterrupts_HaveTheKnownChecks()
    {
        Assert.Equal([.. Sample.Request, 0x39], Written(I3cFrame.Write(Sample.Request, 0x0B, isRead: false, _frame)));
        Assert.Equal([.. Sample.Request, 0x2A], Written(I3cFrame.Write(Sample.Request, 0x0B, isRead: true, _frame)));
        Assert.Equal(0x7F, I3cFrame.InterruptCheck(0x0B));
        Assert.Equal(FrameFault.None, I3cFrame.TryParse([.. Sample.Request, 0x39], 0x0B, isRead: false, out ReadOnlySpan<byte> packet));
        Assert.Equal(Sample.Request, packet.ToArray());
        Assert.Equal(FrameFault.BadCheck, I3cFrame.TryParse([.. Sample.Request, 0x39], 0x0C, isRead: false, out _));
        Assert.Equal(FrameFault.BadCheck, I3cFrame.TryParse([.. Sample.Request, 0x39], 0x0B, isRead: true, out _));
        Assert.Equal(FrameFault.TooShort, I3cFrame.TryParse([1, 2, 3, 4], 0x0B, isRead: true, out _));
    }

    [Fact]
    public void Pcc_InBothDirections_IsTheVector()
    {
        byte[] vector = Sample.Bytes("01 43 43 50 01 00 00 00 0b 00 00 00 4d 43 54 50 01 00 08 c8 00 80 02");
        Assert.Equal(vector, Written(PccFrame.Write(1, notifies: true, Sample.Request, _frame)));
        Assert.Equal(FrameFault.None, PccFrame.TryParse([.. vector, 1, 2, 3], out PccFrame frame));
        Assert.Equal((1, true), (frame.Channel, frame.Notifies));
        Assert.Equal(Sample.Request, frame.Packet.ToArray());
    }

    [Theory]
    [InlineData(1, 0x44, FrameFault.BadIdentifier)]
    [InlineData(15, 0x51, FrameFault.BadIdentifier)]
    [InlineData(4, 0x02, FrameFault.ReservedBits)]
    [InlineData(8, 0x07, FrameFault.BadLength)]
    [InlineData(8, 0x0C, FrameFault.Truncated)]
    [InlineData(11, 0xFF, FrameFault.Truncated)]
    public void Pcc_WithAFault_IsRefusedByName(int offset, byte value, FrameFault fault)
    {
        byte[] bytes = Sample.Bytes("01 43 43 50 01 00 00 00 0b 00 00 00 4d 43 54 50 01 00 08 c8 00 80 02");
        bytes[offset] = value;
        Assert.Equal(fault, PccFrame.TryParse(bytes, out _));
    }

    [Fact]
    public void Astlpc_Version3Buffer_IsTheVector()
    {
        byte[] vector = Sample.Bytes("00 00 00 07 01 00 08 c8 00 80 02 6d 1f a0 85");
        Assert.Equal(vector, Written(AstlpcBuffer.Write(Sample.Request, version: 3, _frame)));
        Assert.Null(AstlpcBuffer.TryParse(vector, version: 3, out ReadOnlySpan<byte> packet));
        Assert.Equal(Sample.Request, packet.ToArray());
        vector[14] ^= 1;
        Assert.Equal(AstlpcFault.BadCheck, AstlpcBuffer.TryParse(vector, version: 3, out _));
        Assert.Null(AstlpcBuffer.TryParse(vector, version: 2, out _));
        vector[3] = 12;
        Assert.Equal(AstlpcFault.BadLength, AstlpcBuffer.TryParse(vector, version: 3, out _));
    }

    [Fact]
    public void Frames_OfAnyPacket_AreReadBackAsTheyWere() =>
        Check.One(s_config, Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            byte[] frame = new byte[9000];
            byte[] packet = Sample.Packet(random, random.Next(5, 69));
            byte address = (byte)random.Next(128);
            bool isRead = random.Next(2) == 0;
            return ReadBack(frame[..SmbusFrame.Write(address, 0x10, packet, frame)], Smbus, packet)
                && ReadBack(frame[..KcsFrame.Write(packet, frame)], Kcs, packet)
                && ReadBack(frame[..PccFrame.Write(address, isRead, packet, frame)], Pcc, packet)
                && ReadBack(frame[..PcieVdmFrame.Write(PcieVdmRouting.ToRootComplex, 7, 9, packet, frame)], Pcie, packet)
                && I3cFrame.TryParse(frame.AsSpan(0, I3cFrame.Write(packet, address, isRead, frame)), address, isRead, out ReadOnlySpan<byte> found) == FrameFault.None
                && found.SequenceEqual(packet);
        }));

    [Fact]
    public void AnyBytes_ReadAsAnyFrame_NeverThrow() =>
        Check.One(s_config.WithMaxTest(2000), Prop.ForAll<int>(seed =>
        {
            var random = new Random(seed);
            byte[] bytes = new byte[random.Next(0, 120)];
            random.NextBytes(bytes);
            string[] starts = ["", "3a 0f", "72 00 10 01 01 00 10 7f 02 00 1a b4", "b0 01", "01 43 43 50 01 00 00 00 0b 00 00 00 4d 43 54 50", "1a b4 00"];
            byte[] start = Sample.Bytes(starts[random.Next(starts.Length)]);
            start.AsSpan(0, Math.Min(start.Length, bytes.Length)).CopyTo(bytes);
            foreach (Parser parser in new Parser[] { Smbus, Kcs, Pcc, Pcie }) parser(bytes, out _);
            I3cFrame.TryParse(bytes, (byte)random.Next(256), isRead: true, out _);
            AstlpcBuffer.TryParse(bytes, random.Next(1, 4), out _);
            Packets(bytes, out _);
            var reader = new UsbStreamReader();
            Packets(reader, bytes);
            Packets(reader, bytes);
            DevelopmentFrame.Read(bytes, out _);
            return true;
        }));

    private static FrameFault Smbus(ReadOnlySpan<byte> bytes, out byte[] packet)
    {
        FrameFault fault = SmbusFrame.TryParse(bytes, out SmbusFrame frame);
        packet = frame.Packet.ToArray();
        return fault;
    }

    private static FrameFault Kcs(ReadOnlySpan<byte> bytes, out byte[] packet)
    {
        FrameFault fault = KcsFrame.TryParse(bytes, out ReadOnlySpan<byte> found);
        packet = found.ToArray();
        return fault;
    }

    private static FrameFault Pcc(ReadOnlySpan<byte> bytes, out byte[] packet)
    {
        FrameFault fault = PccFrame.TryParse(bytes, out PccFrame frame);
        packet = frame.Packet.ToArray();
        return fault;
    }

    private static FrameFault Pcie(ReadOnlySpan<byte> bytes, out byte[] packet)
    {
        FrameFault fault = PcieVdmFrame.TryParse(bytes, out PcieVdmFrame frame);
        packet = frame.Packet.ToArray();
        return fault;
    }

    private static bool ReadBack(byte[] frame, Parser parser, byte[] packet) => parser(frame, out byte[] found) == FrameFault.None && found.SequenceEqual(packet);

    private static List<byte[]> Packets(ReadOnlySpan<byte> transfer, out FrameFault fault)
    {
        var packets = new List<byte[]>();
        var reader = new UsbTransferReader(transfer);
        while (reader.TryNext(out ReadOnlySpan<byte> packet)) packets.Add(packet.ToArray());
        fault = reader.Fault;
        return packets;
    }

    private static List<byte[]> Packets(UsbStreamReader reader, ReadOnlySpan<byte> transfer)
    {
        var packets = new List<byte[]>();
        reader.Begin(transfer);
        while (reader.TryNext(ref transfer, out ReadOnlySpan<byte> packet)) packets.Add(packet.ToArray());
        return packets;
    }

    private byte[] Written(int length) => _frame[..length];
}
