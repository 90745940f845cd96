// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>Whole rtnetlink datagrams out and in: the kernel's own socket, or something that plays the kernel.</summary>
/// <remarks>One thread at a time.</remarks>
public interface INetlinkChannel : IDisposable
{
    /// <summary>The descriptor, for polling.</summary>
    FileDescriptor Descriptor { get; }

    /// <summary>Also receive the announcements of a multicast group.</summary>
    /// <param name="group">The group's number (RTNLGRP_*).</param>
    /// <exception cref="LinuxException">The kernel does not know the group.</exception>
    void Join(uint group);

    /// <summary>Sends one request.</summary>
    /// <param name="message">A netlink message with its header, native byte order.</param>
    /// <exception cref="LinuxException">It was not taken.</exception>
    void Send(ReadOnlySpan<byte> message);

    /// <summary>Takes one datagram.</summary>
    /// <param name="buffer">Gets it.</param>
    /// <param name="timeoutMs">How long to wait at most; 0 only looks, negative waits without limit.</param>
    /// <param name="length">Its length.</param>
    /// <returns>None; EAGAIN when none came in time; EMSGSIZE when one was cut; ENOBUFS when some were lost; EBADMSG when somebody else sent it.</returns>
    Errno TryReceive(Span<byte> buffer, int timeoutMs, out int length);
}
