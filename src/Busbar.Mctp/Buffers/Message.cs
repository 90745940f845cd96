// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Mctp;

/// <summary>
/// A pooled buffer with what is known about its bytes. It travels whole: from reassembly into a socket's queue, or from a sender into a
/// link's staging queue, without a copy. <c>Data[0]</c> is the message type; raw sockets keep header and payload there.
/// </summary>
internal sealed class Message
{
    public readonly byte[] Data;
    public readonly int SizeClass;

    /// <summary>Used bytes of <see cref="Data"/>.</summary>
    public int Length;

    /// <summary>Received: the header of the first packet. Staged: the header of the next packet to be sent.</summary>
    public MctpHeader Header;

    /// <summary>Received: the physical source, where the link names one. Staged: the physical destination.</summary>
    public PhysicalAddress Address;

    /// <summary>Staged: bytes that have left already.</summary>
    public int Sent;

    /// <summary>Payload bytes per packet: of the first one received, or of those to be sent.</summary>
    public int Unit;

    /// <summary>For a service: whom it is for.</summary>
    public IMctpService? Service;

    public Message(int size, int sizeClass)
    {
        Data = GC.AllocateUninitializedArray<byte>(size);
        SizeClass = sizeClass;
    }

    public int Capacity => Data.Length;

    /// <summary>The link that it came from, or is to leave on.</summary>
    public LinkPort Port { get; private set; } = null!;

    /// <summary>Notes where it came from. Most messages come the way of the buffer's last one, and then nothing is written.</summary>
    public void SetOrigin(LinkPort port, in PhysicalAddress address)
    {
        if (!ReferenceEquals(Port, port)) Port = port;
        if ((Address.Length | address.Length) != 0) Address = address;
    }
}
