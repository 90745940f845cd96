// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Mctp;

/// <content>
/// Wires: two links joined packet by packet, header and all untouched, with no endpoint in between. Raw sockets still see what passes. For a neighbour
/// that brings its own stack, such as the kernel.
/// </content>
public sealed partial class MctpStack
{
    /// <summary>Joins two links: from now on each packet that arrives on one leaves on the other, and this stack takes none of them for itself.</summary>
    /// <param name="one">A link of this stack without a wire.</param>
    /// <param name="other">Another one.</param>
    /// <param name="now">Monotonic milliseconds; messages in progress on both links end.</param>
    public void Join(MctpLink one, MctpLink other, long now)
    {
        LinkPort first = EnsurePort(one);
        LinkPort second = EnsurePort(other);
        if (ReferenceEquals(first, second)) throw new ArgumentException("a wire has two different ends", nameof(other));
        if (first.Wire is not null || second.Wire is not null) throw new InvalidOperationException("one of the links has a wire already");
        _reassembler.EndAll(first, DropReason.Superseded);
        _reassembler.EndAll(second, DropReason.Superseded);
        (first.Wire, second.Wire) = (second, first);
        RefreshTap(first);
        RefreshTap(second);
    }

    /// <summary>Cuts the wire of a link; harmless when there is none.</summary>
    /// <param name="link">One of its ends.</param>
    public void Cut(MctpLink link) => CutWire(EnsurePort(link));

    private void CutWire(LinkPort port)
    {
        if (port.Wire is not { } other) return;
        (port.Wire, other.Wire) = (null, null);
        RefreshTap(port);
        RefreshTap(other);
    }

    // What happens to a packet before the stack takes it as its own: on most links of an endpoint nothing, which costs one look.
    private void RefreshTap(LinkPort port) =>
        port.IsTapped = port.RawListeners is not null || port.Wire is not null || _forwards || !port.Link.IsAdministrativelyUp;

    // False when the packet has gone another way and the stack is done with it.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool Tap(LinkPort port, uint header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        if (!port.Link.IsAdministrativelyUp)
        {
            port.CountDrop(Statistics, DropReason.LinkDisabled);
            return false;
        }

        if (port.RawListeners is not null) CopyToRawSockets(port, header, first, second);
        if (port.Wire is { } wire)
        {
            PassOver(port, wire, header, first, second);
            return false;
        }

        if (!_forwards || port.Network.Accepts((int)(header >> 8) & 0xFF)) return true;
        Forward(port, header, first, second);
        return false;
    }

    private void PassOver(LinkPort port, LinkPort wire, uint header, ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        int length = MctpHeader.Size + first.Length + second.Length;
        DropReason? lost = Room(wire, length) switch
        {
            SendRoom.Now => wire.Link.Write(default, new MctpHeader(header), first, second) ? null : DropReason.LinkRefused,
            SendRoom.Later => DropReason.WireFull,
            SendRoom.Never => DropReason.PacketTooLarge,
            _ => DropReason.LinkDown,
        };
        if (lost is { } reason)
        {
            port.CountDrop(Statistics, reason);
            return;
        }

        wire.Link.Statistics.PacketsSent++;
        wire.Link.Statistics.BytesSent += length;
        Statistics.PacketsSent++;
        _transmitter.Publish(wire, more: true);
    }
}
