// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>What a receive brought besides the bytes.</summary>
public readonly struct MctpReceiveResult
{
    private readonly PhysicalAddress _address;
    private readonly MctpHeader _header;
    private readonly uint _network;
    private readonly int _link;
    private readonly MessageType _type;

    // The parts are kept as they are, and put together only when somebody asks: a result is written once per message.
    internal MctpReceiveResult(LinkPort port, MctpHeader header, byte type, in PhysicalAddress address, int length, bool truncated)
    {
        _address = address;
        _header = header;
        _network = port.Network.Id;
        _link = port.Link.Index;
        _type = new MessageType(type);
        Length = length;
        Truncated = truncated;
    }

    /// <summary>A message that came through another stack than ours, such as the kernel's.</summary>
    /// <param name="from">The sender, with the tag as <see cref="From"/> has it.</param>
    /// <param name="length">Bytes of the body.</param>
    /// <param name="truncated">True when the buffer was shorter.</param>
    public MctpReceiveResult(in MctpEndPoint from, int length, bool truncated)
        : this(from, Eid.Null, length, truncated)
    {
    }

    /// <summary>A message that came through a stack elsewhere which tells where it was addressed to.</summary>
    /// <param name="from">The sender, with the tag as <see cref="From"/> has it.</param>
    /// <param name="local">The destination EID, as <see cref="Local"/> has it.</param>
    /// <param name="length">Bytes of the body.</param>
    /// <param name="truncated">True when the buffer was shorter.</param>
    public MctpReceiveResult(in MctpEndPoint from, Eid local, int length, bool truncated)
    {
        _address = from.Address;
        _header = new MctpHeader(local, from.Eid, som: true, eom: true, sequence: 0, from.Tag.IsOwner, from.Tag.Value);
        _network = from.Network;
        _link = from.Link;
        _type = from.Type;
        Length = length;
        Truncated = truncated;
    }

    /// <summary>
    /// Sender: network, EID, type with IC bit, tag (owned by the sender when the message is a request), and the link and physical address
    /// that it came from. Sending to it with <see cref="MctpTag.ToResponse"/> answers over the same link, whatever the route table says.
    /// </summary>
    public MctpEndPoint From => new(_header.Source, _type, _header.IsTagOwner ? MctpTag.Owned(_header.Tag) : MctpTag.Unowned(_header.Tag), _network, _link, _address);

    /// <summary>The destination EID of the message: one of ours, null, or broadcast. Null also where the stack does not tell, as the kernel's.</summary>
    public Eid Local => _header.Destination;

    /// <summary>Bytes of the body without its type byte (of the packet with its header, in a raw socket), also when the buffer was shorter.</summary>
    public int Length { get; }

    /// <summary>True when the buffer was shorter than <see cref="Length"/>.</summary>
    public bool Truncated { get; }
}
