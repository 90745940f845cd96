// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// Follows one network interface: whether it is there, and whether it is up. The kernel's announcements (RTNLGRP_LINK) only say when to look; what is true is asked for each
/// time, so that lost announcements do no harm.
/// </summary>
/// <remarks>One thread at a time. Nothing but the constructor throws.</remarks>
public sealed unsafe class InterfaceWatch : IDisposable
{
    // Announcements are a few hundred bytes; one that is longer is lost, which is no harm either.
    private const int BufferSize = 8 * 1024;
    private const int MostDatagramsPerLook = 64;

    private readonly int _index;
    private readonly NetlinkSocket _socket = new();
    private readonly byte[] _buffer = new byte[BufferSize];

    /// <summary>Begins to follow an interface.</summary>
    /// <param name="index">Its index in this network namespace; the kernel does not give it to another interface.</param>
    /// <exception cref="LinuxException">The kernel refuses an rtnetlink socket.</exception>
    public InterfaceWatch(int index)
    {
        _index = index;
        try
        {
            _socket.Join(Rtnetlink.RTNLGRP_LINK);
        }
        catch
        {
            _socket.Dispose();
            throw;
        }

        Look();
    }

    /// <summary>The descriptor, for polling: readable when <see cref="Look"/> may find something new.</summary>
    public FileDescriptor Descriptor => _socket.Descriptor;

    /// <summary>False once the interface was removed, or moved to another network namespace.</summary>
    public bool Exists { get; private set; } = true;

    /// <summary>True while the interface exists and somebody has it up (IFF_UP).</summary>
    public bool IsUp { get; private set; }

    /// <summary>Takes what has been announced, and looks how the interface is. Bounded; does not wait.</summary>
    public void Look()
    {
        if (Descriptor.IsClosed) return;
        for (int i = 0; i < MostDatagramsPerLook; i++)
        {
            Errno taken = _socket.TryReceive(_buffer, timeoutMs: 0, out _);
            if (taken is not (Errno.None or Errno.EBADMSG or Errno.EMSGSIZE or Errno.ENOBUFS)) break;
        }

        if (!Exists) return;

        // The name may change at any time, the index does not; and the state is known by name only. SAFETY: the structure is on this stack and as large as the kernel's.
        var request = new InterfaceRequest { Index = _index };
        Exists = NativeNetwork.Control(_socket.Descriptor, NativeNetwork.SIOCGIFNAME, &request) == 0
            && NativeNetwork.Control(_socket.Descriptor, NativeNetwork.SIOCGIFFLAGS, &request) == 0;
        IsUp = Exists && (request.Flags & (short)Rtnetlink.IFF_UP) != 0;
    }

    /// <summary>Ends it.</summary>
    public void Dispose() => _socket.Dispose();
}
