// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;

namespace Busbar.Linux;

/// <summary>Sends and receives bytes with file descriptors (SCM_RIGHTS, unix(7)) on a non-blocking AF_UNIX stream.</summary>
internal static unsafe class DescriptorPassing
{
    public const int MostDescriptors = 253; // SCM_MAX_FD (net/scm.h)

    /// <summary>Sends some of the bytes; the descriptors go with the first of them.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="bytes">The bytes.</param>
    /// <param name="descriptors">At most 253.</param>
    /// <param name="error">Why the answer is negative.</param>
    /// <returns>Bytes sent, or a negative number.</returns>
    /// <exception cref="ObjectDisposedException">The socket or a descriptor is closed.</exception>
    [SkipLocalsInit]
    public static nint Send(FileDescriptor socket, ReadOnlySpan<byte> bytes, ReadOnlySpan<FileDescriptor> descriptors, out Errno error)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, MostDescriptors);
        int controlLength = descriptors.IsEmpty ? 0 : ControlHeader.Size + (sizeof(int) * descriptors.Length);
        byte* control = stackalloc byte[ControlHeader.Size + (sizeof(int) * MostDescriptors)];
        int held = 0;
        try
        {
            if (!descriptors.IsEmpty)
            {
                // SAFETY: the buffer holds a header and the most descriptors there can be, checked above; the references taken keep their
                // numbers valid until the kernel has made its own.
                *(ControlHeader*)control = new ControlHeader
                {
                    Length = (nuint)controlLength,
                    Level = NativeSocket.SOL_SOCKET,
                    Type = NativeSocket.SCM_RIGHTS,
                };
                int* numbers = (int*)(control + ControlHeader.Size);
                foreach (FileDescriptor descriptor in descriptors)
                {
                    bool taken = false;
                    descriptor.DangerousAddRef(ref taken);
                    numbers[held++] = descriptor.Number;
                }
            }

            // SAFETY: everything the header points to is pinned or on this stack until the call returns.
            fixed (byte* data = bytes)
            {
                var vector = new IoVector { Base = data, Length = (nuint)bytes.Length };
                var message = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = (nuint)controlLength };
                nint sent;
                do sent = NativeSocket.Send(socket, &message, NativeSocket.MSG_NOSIGNAL | NativeSocket.MSG_DONTWAIT);
                while (sent < 0 && NativeError.WasInterrupted);

                // Asked for here, because dropping the references below may close something and replace it.
                error = sent < 0 ? NativeError.Last : Errno.None;
                return sent;
            }
        }
        finally
        {
            for (int i = 0; i < held; i++) descriptors[i].DangerousRelease();
        }
    }

    /// <summary>Receives what is there, with its descriptors.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="received">Descriptors are added here, owned by the caller.</param>
    /// <param name="lostDescriptors">True when descriptors came that this process had no room for; the kernel has closed them.</param>
    /// <returns>Bytes received, 0 at the end of the stream, or -1 with the reason in <see cref="NativeError.Last"/>.</returns>
    [SkipLocalsInit]
    public static nint Receive(FileDescriptor socket, Span<byte> buffer, List<FileDescriptor> received, out bool lostDescriptors)
    {
        const int Room = ControlHeader.Size + (sizeof(int) * (MostDescriptors + 1));
        byte* control = stackalloc byte[Room];
        lostDescriptors = false;
        fixed (byte* data = buffer)
        {
            // SAFETY: the buffer is pinned, and the room for control data is on this stack.
            nint count = ReceiveOnce(socket, data, (nuint)buffer.Length, control, Room, out nuint controlLength, out int flags);
            if (count < 0) return count;
            if (controlLength != 0) Take(control, controlLength, received);
            lostDescriptors = (flags & NativeSocket.MSG_CTRUNC) != 0;
            return count;
        }
    }

    /// <summary>
    /// Takes out of a socket that was shut down what nobody will read, because closing the socket would close the descriptors among it in this thread, and that could wait
    /// (<see cref="LateClose"/>).
    /// </summary>
    /// <param name="socket">The socket; nothing more can arrive on it.</param>
    /// <param name="isPackets">It keeps packets apart: one without bytes looks like the end, and more may stand behind it.</param>
    [SkipLocalsInit]
    public static void DropUnread(FileDescriptor socket, bool isPackets = false)
    {
        // A send buffer holds less than this many of the smallest messages, by the kernel's way of counting.
        const int MostMessages = 512;
        Span<byte> buffer = stackalloc byte[1024];
        try
        {
            for (int i = 0; i < MostMessages; i++)
            {
                nint count = ReceiveAlone(socket, buffer, out _);
                if (count < 0 || (count == 0 && !isPackets)) return;
            }
        }
        catch (ObjectDisposedException)
        {
            // Another thread closed it meanwhile.
        }
    }

    /// <summary>Receives what is there and closes the descriptors that came along.</summary>
    /// <param name="socket">The socket.</param>
    /// <param name="buffer">Where the bytes go.</param>
    /// <param name="isCut">True when a packet was longer than the buffer.</param>
    /// <returns>As for <see cref="Receive"/>.</returns>
    [SkipLocalsInit]
    public static nint ReceiveAlone(FileDescriptor socket, Span<byte> buffer, out bool isCut)
    {
        // Without room for them the kernel would close them here and now, and that could wait.
        const int Room = ControlHeader.Size + (sizeof(int) * (MostDescriptors + 1));
        byte* control = stackalloc byte[Room];
        isCut = false;
        fixed (byte* data = buffer)
        {
            // SAFETY: the buffer is pinned, and the room for control data is on this stack.
            nint count = ReceiveOnce(socket, data, (nuint)buffer.Length, control, Room, out nuint controlLength, out int flags);
            if (count < 0) return count;
            isCut = (flags & NativeSocket.MSG_TRUNC) != 0;
            if (controlLength != 0) CloseAll(control, controlLength);
            return count;
        }
    }

    private static void CloseAll(byte* control, nuint length)
    {
        var received = new List<FileDescriptor>();
        Take(control, length, received);
        foreach (FileDescriptor descriptor in received) descriptor.Dispose();
    }

    // One recvmsg(2) that never waits. The caller vouches for both ranges.
    private static nint ReceiveOnce(FileDescriptor socket, byte* data, nuint length, byte* control, nuint room, out nuint controlLength, out int flags)
    {
        var vector = new IoVector { Base = data, Length = length };
        var message = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlLength = room };
        nint count;

        // SAFETY: the header points to the caller's ranges and to this stack, with the sizes that are there.
        do count = NativeSocket.Receive(socket, &message, NativeSocket.MSG_CMSG_CLOEXEC | NativeSocket.MSG_DONTWAIT);
        while (count < 0 && NativeError.WasInterrupted);
        (controlLength, flags) = (message.ControlLength, message.Flags);
        return count;
    }

    // Wraps everything the kernel handed over, so that nothing leaks.
    private static void Take(byte* control, nuint length, List<FileDescriptor> received)
    {
        nuint position = 0;

        // SAFETY: the kernel filled length bytes, at most the buffer's size, and every read below stays inside them.
        while (length - position >= ControlHeader.Size)
        {
            var header = (ControlHeader*)(control + position);
            if (header->Length < ControlHeader.Size || header->Length > length - position) break;
            if (header->Level == NativeSocket.SOL_SOCKET && header->Type == NativeSocket.SCM_RIGHTS)
            {
                int* numbers = (int*)(control + position + ControlHeader.Size);
                nuint count = (header->Length - ControlHeader.Size) / sizeof(int);
                for (nuint i = 0; i < count; i++) received.Add(new FileDescriptor(numbers[i], isForeign: true));
            }

            nuint next = (header->Length + 7) & ~(nuint)7;
            if (next >= length - position) break;
            position += next;
        }
    }
}
