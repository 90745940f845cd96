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

    /// <summary>The next one in whatever list holds it: a pool, a queue, or a staging flow.</summary>
    public Message? Next;

    /// <summary>Used bytes of <see cref="Data"/>.</summary>
    public int Length;

    /// <summary>Received: the header of the first packet. Staged: the header of the next packet to be sent.</summary>
    public MctpHeader Header;

    /// <summary>The link that it came from.</summary>
    public LinkPort Port = null!;

    /// <summary>Received: the physical source, where the link names one. Staged: the physical destination.</summary>
    public PhysicalAddress Address;

    /// <summary>Staged: bytes that have left already.</summary>
    public int Sent;

    /// <summary>Staged: payload bytes per packet.</summary>
    public int Unit;

    /// <summary>For a service: whom it is for.</summary>
    public IMctpService? Service;

    public Message(int size, int sizeClass)
    {
        Data = GC.AllocateUninitializedArray<byte>(size);
        SizeClass = sizeClass;
    }

    public int Capacity => Data.Length;
}
