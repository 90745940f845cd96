// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>
/// An open file descriptor that this object owns; closed on <see cref="SafeHandle.Dispose()"/>, at the latest by the finalizer. A call in
/// flight on another thread delays the close until it returns, so a reused number can never be hit by mistake.
/// </summary>
public sealed class FileDescriptor : SafeHandle
{
    private volatile bool _isForeign;

    internal FileDescriptor(int number, bool isForeign = false)
        : base(-1, ownsHandle: true)
    {
        SetHandle(number);
        _isForeign = isForeign;
    }

    /// <summary>
    /// Descriptors that other processes sent and that wait to be closed, because closing them may take its time. When there are hundreds, somebody sends what cannot be closed, and a server
    /// does well to part with him.
    /// </summary>
    public static int WaitingToClose => LateClose.Waiting;

    /// <inheritdoc/>
    public override bool IsInvalid => handle < 0;

    /// <summary>The number, for diagnostics; it means something only while this object is open.</summary>
    public int Number => (int)handle;

    /// <summary>A second descriptor for the same open file description, closed separately.</summary>
    /// <exception cref="LinuxException">No descriptor is free.</exception>
    public FileDescriptor Duplicate() =>
        new(LinuxException.Check(NativeFile.Control(this, NativeFile.F_DUPFD_CLOEXEC, 0), "fcntl", "Duplicating a descriptor failed"), _isForeign);

    /// <summary>Says that its kind is known and closing it cannot wait.</summary>
    internal void CloseAtOnce() => _isForeign = false;

    /// <summary>Makes reads and writes of the open file description return EAGAIN instead of waiting; everyone who shares it sees that.</summary>
    internal void SetNonBlocking()
    {
        int flags = LinuxException.Check(NativeFile.Control(this, NativeFile.F_GETFL, 0), "fcntl", "Reading descriptor flags failed");
        if ((flags & NativeFile.O_NONBLOCK) != 0) return;
        LinuxException.Check(NativeFile.Control(this, NativeFile.F_SETFL, flags | NativeFile.O_NONBLOCK), "fcntl", "Making a descriptor non-blocking failed");
    }

    internal unsafe Statx Stat()
    {
        // SAFETY: an empty path with AT_EMPTY_PATH names the descriptor itself; the kernel fills the 256 bytes of the structure.
        Statx result;
        byte empty = 0;
        LinuxException.Check(
            NativeFile.StatDescriptor(this, &empty, NativeFile.AT_EMPTY_PATH, NativeFile.STATX_BASIC_STATS, &result),
            "statx",
            "Reading a descriptor's status failed");
        return result;
    }

    /// <inheritdoc/>
    protected override bool ReleaseHandle()
    {
        if (!_isForeign || LateClose.IsNeverSlow((int)handle)) return NativeFile.Close((int)handle) == 0;
        LateClose.Add((int)handle);
        return true;
    }
}
