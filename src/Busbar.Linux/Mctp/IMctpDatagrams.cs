// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>A datagram socket with MCTP addresses in the bytes of linux/mctp.h: the kernel's own, or that of something that plays the kernel.</summary>
/// <remarks>Calls that return an <see cref="Errno"/> neither throw nor block. One thread may send while another receives.</remarks>
public interface IMctpDatagrams : IDisposable
{
    /// <summary>The descriptor, for polling.</summary>
    FileDescriptor Descriptor { get; }

    /// <summary>Asks for requests of a type.</summary>
    /// <param name="address">Network, local EID (0xFF for any) and type; 12 bytes.</param>
    Errno Bind(ReadOnlySpan<byte> address);

    /// <summary>Sends one message.</summary>
    /// <param name="address">12 or 52 bytes; pads must be zero.</param>
    /// <param name="payload">The body without its type byte.</param>
    Errno Send(ReadOnlySpan<byte> address, ReadOnlySpan<byte> payload);

    /// <summary>Takes one message that has arrived.</summary>
    /// <param name="buffer">Gets the body; a longer one is cut.</param>
    /// <param name="address">Gets the sender's address; at least 52 bytes.</param>
    /// <param name="addressLength">How many of them are filled.</param>
    /// <param name="length">The real length of the body.</param>
    /// <param name="peek">True leaves the message in the queue.</param>
    /// <returns>EAGAIN when nothing waits.</returns>
    Errno TryReceive(Span<byte> buffer, Span<byte> address, out int addressLength, out int length, bool peek = false);

    /// <summary>Takes a tag toward a peer ahead of sending.</summary>
    /// <param name="network">The network.</param>
    /// <param name="peer">The peer's EID; 0xFF for all.</param>
    /// <param name="tag">The tag with its owner and preallocated bits.</param>
    /// <returns>EBUSY when all eight are taken; EOPNOTSUPP where tags cannot be taken ahead, and a send chooses one itself.</returns>
    Errno AllocateTag(uint network, byte peer, out byte tag);
}
