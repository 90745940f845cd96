// SPDX-License-Identifier: Apache-2.0
using Busbar.Bindings;
using Busbar.Mctp;

namespace Busbar.Fuzz;

/// <summary>USB transfers of both versions, and beside them the frames of the other bindings, which are read from the same bytes.</summary>
internal sealed class UsbTransferTarget : IFuzzTarget
{
    public string Name => "usb-transfers";

    public IEnumerable<(string Name, byte[] Input)> Samples()
    {
        byte[] frame = [0x1A, 0xB4, 0, 11, 1, 0, 8, 0xC8, 0, 0x80, 2];
        yield return ("two", [22, .. frame, .. frame]);
        yield return ("spanning", [6, .. frame[..6], 5, .. frame[6..], 0, 11, .. frame]);
        yield return ("bad", [11, 0x1B, .. frame[1..], 11, .. frame]);
        yield return ("smbus", [12, 0x3A, 0x0F, 8, 0x21, 1, 0, 8, 0xC8, 0, 0x80, 2, 0x56]);
        yield return ("pcie", [20, 0x72, 0, 0x10, 1, 1, 0, 0x10, 0x7F, 2, 0, 0x1A, 0xB4, 1, 0, 8, 0xC8, 0, 0x80, 2, 0]);
        yield return ("pcc", [23, 1, 0x43, 0x43, 0x50, 1, 0, 0, 0, 11, 0, 0, 0, 0x4D, 0x43, 0x54, 0x50, 1, 0, 8, 0xC8, 0, 0x80, 2]);
        yield return ("kcs", [11, 0xB0, 1, 7, 1, 0, 8, 0xC8, 0, 0x80, 2, 0x64]);
    }

    public void Run(ReadOnlySpan<byte> input)
    {
        var stream = new UsbStreamReader();
        var reader = new InputReader(input);
        while (!reader.IsEmpty)
        {
            ReadOnlySpan<byte> transfer = reader.Take(reader.Byte());
            var whole = new UsbTransferReader(transfer);
            while (whole.TryNext(out ReadOnlySpan<byte> packet)) Require(packet, 251);
            ReadOnlySpan<byte> rest = transfer;
            stream.Begin(transfer);
            while (stream.TryNext(ref rest, out ReadOnlySpan<byte> packet)) Require(packet, 8187);
            FuzzViolationException.Require(rest.IsEmpty, "a transfer is used up");
            if (SmbusFrame.TryParse(transfer, out SmbusFrame smbus) == FrameFault.None) Require(smbus.Packet, SmbusFrame.LargestPacket);
            if (PcieVdmFrame.TryParse(transfer, out PcieVdmFrame pcie) == FrameFault.None) Require(pcie.Packet, PcieVdmFrame.LargestPacket);
            if (PccFrame.TryParse(transfer, out PccFrame pcc) == FrameFault.None) Require(pcc.Packet, transfer.Length);
            if (KcsFrame.TryParse(transfer, out ReadOnlySpan<byte> kcs) == FrameFault.None) Require(kcs, KcsFrame.LargestPacket);
            if (I3cFrame.TryParse(transfer, 0x0B, isRead: true, out ReadOnlySpan<byte> i3c) == FrameFault.None) Require(i3c, I3cFrame.LargestPacket);
        }
    }

    private static void Require(ReadOnlySpan<byte> packet, int largest) =>
        FuzzViolationException.Require(packet.Length >= MctpHeader.Size && packet.Length <= largest, "a packet has a header and fits its binding");
}
