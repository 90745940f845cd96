// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// A kernel counter that wakes whoever polls its descriptor: the doorbell of a shared-memory link (eventfd(2)). Rings add up until
/// somebody drains them.
/// </summary>
/// <remarks>Every method may be called from any thread. <see cref="Ring"/> and <see cref="TryDrain"/> never throw and never allocate.</remarks>
public sealed unsafe class EventFd : IDisposable
{
    // Old kernels cannot read an eventfd with a promise not to wait.
    private static volatile bool s_readsPlainly = !NativeAsync.IsKnown;

    private readonly bool _isForeign;

    private EventFd(FileDescriptor descriptor, bool isForeign) => (Descriptor, _isForeign) = (descriptor, isForeign);

    /// <summary>For polling (readable while the counter is not zero) and for handing to other processes.</summary>
    public FileDescriptor Descriptor { get; }

    /// <summary>A new counter at zero, non-blocking, closed on exec.</summary>
    /// <exception cref="LinuxException">No descriptor is free.</exception>
    public static EventFd Create() =>
        new(
            new FileDescriptor(LinuxException.Check(
                NativeEvent.EventFd(0, NativeEvent.EFD_CLOEXEC | NativeEvent.EFD_NONBLOCK), "eventfd", "Creating a doorbell failed")),
            isForeign: false);

    /// <summary>
    /// Takes a descriptor that another process sent. Owns it from now on, also when it throws. Whether accesses wait is a setting that the sender shares and may rely on: it stays as it
    /// is, and rings and drains here do not wait whatever it says.
    /// </summary>
    /// <param name="received">The descriptor.</param>
    /// <exception cref="LinuxException">It is no eventfd (EINVAL): writing to an unknown kind of file could block or destroy something.</exception>
    public static EventFd Wrap(FileDescriptor received)
    {
        try
        {
            if (!IsEventFd(received)) throw new LinuxException(Errno.EINVAL, "eventfd", "A descriptor received as a doorbell is not an eventfd");
            received.CloseAtOnce();
            return new EventFd(received, isForeign: true);
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
            if (_isForeign) return EventSignal.TryRing(Descriptor.Number);

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
            bool rang = Read(Descriptor.Number, &value);
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

    // Whoever else holds the eventfd can make plain reads wait, and can be faster than somebody who was told that there is something to read.
    private static bool Read(int descriptor, ulong* value)
    {
        if (!s_readsPlainly)
        {
            // SAFETY: eight bytes of the caller's stack.
            var vector = new IoVector { Base = value, Length = sizeof(ulong) };
            nint count = NativeAsync.ReadNow(descriptor, &vector);
            if (count >= 0) return count == sizeof(ulong);
            if (NativeError.Last is not (Errno.EOPNOTSUPP or Errno.ENOSYS)) return false;
            s_readsPlainly = true;
        }

        var entry = new PollFd { Descriptor = descriptor, Events = NativeEvent.POLLIN };
        return NativeEvent.Poll(&entry, 1, 0) > 0 && NativeEvent.Read(descriptor, value, sizeof(ulong)) == sizeof(ulong);
    }

    private static bool IsEventFd(FileDescriptor descriptor)
    {
        Span<byte> target = stackalloc byte[64];
        ReadOnlySpan<byte> kind = FilePath.KindOf(descriptor.Number, target);

        // Without /proc (a bare container) nothing can be told apart; a ring then fails on what is no eventfd, at least where the kernel signals (EventSignal).
        return kind.IsEmpty || kind.SequenceEqual("anon_inode:[eventfd]"u8);
    }
}
