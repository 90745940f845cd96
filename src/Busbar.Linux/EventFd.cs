// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// A kernel counter that wakes whoever polls its descriptor: the doorbell of a shared-memory link (eventfd(2)). Rings add up until
/// somebody drains them.
/// </summary>
/// <remarks>Every method may be called from any thread. <see cref="Ring"/> and <see cref="TryDrain"/> never throw and never allocate.</remarks>
public sealed unsafe class EventFd : IDisposable
{
    private EventFd(FileDescriptor descriptor) => Descriptor = descriptor;

    /// <summary>For polling (readable while the counter is not zero) and for handing to other processes.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>A new counter at zero, non-blocking, closed on exec.</summary>
    /// <exception cref="LinuxException">No descriptor is free.</exception>
    public static EventFd Create() =>
        new(new FileDescriptor(LinuxException.Check(
            NativeEvent.EventFd(0, NativeEvent.EFD_CLOEXEC | NativeEvent.EFD_NONBLOCK), "eventfd", "Creating a doorbell failed")));

    /// <summary>
    /// Takes a descriptor that another process sent and makes it non-blocking (the sender shares that setting). Owns it from now on,
    /// also when it throws.
    /// </summary>
    /// <param name="received">The descriptor.</param>
    /// <exception cref="LinuxException">It is no eventfd (EINVAL): writing to an unknown kind of file could block or destroy something.</exception>
    public static EventFd Wrap(FileDescriptor received)
    {
        try
        {
            if (!IsEventFd(received)) throw new LinuxException(Errno.EINVAL, "eventfd", "A descriptor received as a doorbell is not an eventfd");
            received.SetNonBlocking();
            return new EventFd(received);
        }
        catch
        {
            received.Dispose();
            throw;
        }
    }

    /// <summary>Adds one to the counter, which wakes the receiver.</summary>
    /// <returns>False when the doorbell has been disposed or is otherwise unusable. A full counter is a success: the receiver is awake anyway.</returns>
    public bool Ring()
    {
        bool held = false;
        try
        {
            Descriptor.DangerousAddRef(ref held);

            // SAFETY: the reference keeps the descriptor open during the call, and the buffer is eight bytes on the stack.
            ulong one = 1;
            return NativeEvent.Write(Descriptor.Number, &one, sizeof(ulong)) == sizeof(ulong) || NativeError.Last == Errno.EAGAIN;
        }
        catch (ObjectDisposedException)
        {
            return false;
        }
        finally
        {
            if (held) Descriptor.DangerousRelease();
        }
    }

    /// <summary>Reads the counter and sets it to zero.</summary>
    /// <param name="count">Rings since the last drain; several rings may have been one wake-up.</param>
    /// <returns>False when nobody rang, or after disposal.</returns>
    public bool TryDrain(out ulong count)
    {
        bool held = false;
        ulong value = 0;
        try
        {
            Descriptor.DangerousAddRef(ref held);

            // SAFETY: as in Ring.
            bool rang = NativeEvent.Read(Descriptor.Number, &value, sizeof(ulong)) == sizeof(ulong);
            count = rang ? value : 0;
            return rang;
        }
        catch (ObjectDisposedException)
        {
            count = 0;
            return false;
        }
        finally
        {
            if (held) Descriptor.DangerousRelease();
        }
    }

    /// <summary>Closes our descriptor; other holders keep theirs.</summary>
    public void Dispose() => Descriptor.Dispose();

    private static bool IsEventFd(FileDescriptor descriptor)
    {
        ReadOnlySpan<byte> expected = "anon_inode:[eventfd]"u8;
        Span<byte> target = stackalloc byte[64];

        // SAFETY: the path is zero-terminated by ToNative, both buffers are pinned, and the call writes at most the size given.
        fixed (byte* path = FilePath.ToNative($"/proc/self/fd/{descriptor.Number}"))
        fixed (byte* buffer = target)
        {
            nint length = NativeFile.ReadLink(path, buffer, (nuint)target.Length);

            // Without /proc (a bare container) nothing can be told apart; the peer is then taken at its word, as QEMU always does.
            return length < 0 || target[..(int)length].SequenceEqual(expected);
        }
    }
}
