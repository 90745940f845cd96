// SPDX-License-Identifier: Apache-2.0
using System.Buffers.Binary;

namespace Busbar.Mctp;

/// <summary>
/// Where a message goes or came from: what Linux keeps in <c>struct sockaddr_mctp</c>, and with <see cref="Link"/> set, in
/// <c>struct sockaddr_mctp_ext</c>. The message type and its IC bit travel here, not in the buffer, as in the kernel.
/// </summary>
public readonly record struct MctpEndPoint
{
    /// <summary>Address family number of MCTP on Linux.</summary>
    public const ushort AddressFamily = 45;

    /// <summary>Bytes of <c>struct sockaddr_mctp</c>.</summary>
    public const int Size = 12;

    /// <summary>Bytes of <c>struct sockaddr_mctp_ext</c>.</summary>
    public const int ExtendedSize = 52;

    /// <summary>Names an endpoint.</summary>
    /// <param name="eid">Peer EID; <see cref="Mctp.Eid.Any"/> in a bind means any local EID.</param>
    /// <param name="type">Message type with IC bit.</param>
    /// <param name="tag">Tag; a request to be sent carries <see cref="MctpTag.Owner"/>.</param>
    /// <param name="network">Network; 0 means the default network when sending and any network when binding.</param>
    /// <param name="link">Link index for extended addressing; 0 for routing by EID.</param>
    /// <param name="address">Physical address on that link.</param>
    public MctpEndPoint(Eid eid, MessageType type, MctpTag tag = default, uint network = 0, int link = 0, PhysicalAddress address = default)
    {
        Network = network;
        Eid = eid;
        Type = type;
        Tag = tag;
        Link = link;
        Address = address;
    }

    /// <summary>Network number, host byte order in the kernel's structure; 0 is the default or any network.</summary>
    public uint Network { get; init; }

    /// <summary>Endpoint ID.</summary>
    public Eid Eid { get; init; }

    /// <summary>Message type and IC bit.</summary>
    public MessageType Type { get; init; }

    /// <summary>Tag, tag-owner and preallocated bits.</summary>
    public MctpTag Tag { get; init; }

    /// <summary>Link index of an extended address, 0 for a plain one.</summary>
    public int Link { get; init; }

    /// <summary>Physical address of an extended address.</summary>
    public PhysicalAddress Address { get; init; }

    /// <summary>True when the message bypasses the route table and goes to a link and physical address as given.</summary>
    public bool IsExtended => Link != 0;

    /// <summary>Writes <c>struct sockaddr_mctp</c>, or <c>sockaddr_mctp_ext</c> when <see cref="IsExtended"/>, in host byte order.</summary>
    /// <param name="destination">At least 12 or 52 bytes.</param>
    /// <returns>Bytes written, 12 or 52.</returns>
    public int WriteSockaddr(Span<byte> destination)
    {
        int size = IsExtended ? ExtendedSize : Size;
        destination[..size].Clear();
        if (BitConverter.IsLittleEndian)
        {
            BinaryPrimitives.WriteUInt16LittleEndian(destination, AddressFamily);
            BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], Network);
        }
        else
        {
            BinaryPrimitives.WriteUInt16BigEndian(destination, AddressFamily);
            BinaryPrimitives.WriteUInt32BigEndian(destination[4..], Network);
        }

        destination[8] = Eid.Value;
        destination[9] = Type.Raw;
        destination[10] = Tag.Raw;
        if (!IsExtended) return size;
        BitConverter.TryWriteBytes(destination[12..], Link);
        destination[16] = (byte)Address.Length;
        Address.CopyTo(destination[20..]);
        return size;
    }

    /// <summary>Reads either structure, as strict as the kernel: family 45, pads zero, address length at most 32.</summary>
    /// <param name="source">Exactly 12 or 52 bytes.</param>
    /// <param name="endPoint">The meaning.</param>
    /// <returns>False when the bytes are not such a structure.</returns>
    public static bool TryReadSockaddr(ReadOnlySpan<byte> source, out MctpEndPoint endPoint)
    {
        endPoint = default;
        if (source.Length is not (Size or ExtendedSize)) return false;
        if (BitConverter.ToUInt16(source) != AddressFamily || source[2] != 0 || source[3] != 0 || source[11] != 0) return false;
        if (!MctpTag.TryCreate(source[10], out MctpTag tag)) return false;
        int link = 0;
        PhysicalAddress address = default;
        if (source.Length == ExtendedSize)
        {
            if (source[16] > PhysicalAddress.MaximumLength || source[17] != 0 || source[18] != 0 || source[19] != 0) return false;
            link = BitConverter.ToInt32(source[12..]);
            address = new PhysicalAddress(source.Slice(20, source[16]));
        }

        endPoint = new MctpEndPoint(new Eid(source[8]), new MessageType(source[9]), tag, BitConverter.ToUInt32(source[4..]), link, address);
        return true;
    }
}
