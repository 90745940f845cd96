// SPDX-License-Identifier: Apache-2.0
namespace Busbar.Linux;

/// <summary>
/// Waits for a small, changeable set of descriptors, level-triggered: what is not dealt with is reported again.
/// </summary>
/// <remarks>
/// <para>
/// One thread owns the object and calls everything except <see cref="Wake"/>, which any thread may call at any time.
/// A wait allocates nothing.
/// </para>
/// <para>
/// It stands on poll(2), not on epoll: the sets are a handful of doorbells and sockets (some hundreds in a server), for which one call with the
/// set in hand costs no more than an epoll wait, needs no second descriptor that can run out, and cannot report a file that was
/// closed and replaced. Each added descriptor is kept open until <see cref="Remove"/>.
/// </para>
/// </remarks>
public sealed unsafe class Poller : IDisposable
{
    private readonly EventFd _wake = EventFd.Create();

    // 1 from the first Wake until the sleeper has drained the doorbell: a crowd of wakers makes one system call.
    private int _wakePending;

    // Entry 0 is the wake doorbell. Pinned for good, because the kernel writes into it while the collector may run.
    private PollFd[] _entries;
    private FileDescriptor?[] _descriptors;
    private int _used = 1;
    private int _firstFree;
    private int _scanFrom = 1;
    private bool _disposed;

    /// <summary>An empty set.</summary>
    /// <param name="capacity">Descriptors expected, positive; more are possible, at the price of an allocation when they are added.</param>
    public Poller(int capacity = 8)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        _entries = GC.AllocateArray<PollFd>(capacity + 1, pinned: true);
        _descriptors = new FileDescriptor?[capacity + 1];
        _entries[0] = new PollFd { Descriptor = _wake.Descriptor.Number, Events = NativeEvent.POLLIN };
    }

    /// <summary>Descriptors in the set.</summary>
    public int Count { get; private set; }

    /// <summary>Adds a descriptor and keeps it open while it is in the set.</summary>
    /// <param name="descriptor">What to watch.</param>
    /// <param name="interest">What to wait for; hang-ups and errors always count.</param>
    /// <returns>The index by which results name it, positive, valid until <see cref="Remove"/>; indexes are reused.</returns>
    public int Add(FileDescriptor descriptor, PollEvents interest)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int index = TakeFreeIndex();
        bool held = false;
        descriptor.DangerousAddRef(ref held);
        _entries[index] = new PollFd { Descriptor = descriptor.Number, Events = ToNative(interest) };
        _descriptors[index] = descriptor;
        _firstFree = index + 1;
        _used = Math.Max(_used, index + 1);
        Count++;
        return index;
    }

    /// <summary>Changes what is waited for.</summary>
    /// <param name="index">From <see cref="Add"/>.</param>
    /// <param name="interest">The new interest; <see cref="PollEvents.None"/> leaves hang-ups and errors.</param>
    public void SetInterest(int index, PollEvents interest)
    {
        EnsurePresent(index);
        _entries[index].Events = ToNative(interest);
    }

    /// <summary>Takes a descriptor out of the set; if it was disposed meanwhile, it is closed now.</summary>
    /// <param name="index">From <see cref="Add"/>.</param>
    public void Remove(int index)
    {
        EnsurePresent(index);
        FileDescriptor descriptor = _descriptors[index]!;
        _descriptors[index] = null;

        // The kernel skips negative descriptors, so a hole needs no moving of the others, and their indexes stay valid.
        _entries[index] = new PollFd { Descriptor = -1 };
        _firstFree = Math.Min(_firstFree, index);
        while (_used > 1 && _descriptors[_used - 1] is null) _used--;
        Count--;
        descriptor.DangerousRelease();
    }

    /// <summary>Ends the wait in progress, or the next one if none is. Any thread; never throws; cheap when a wake-up is already on its way.</summary>
    public void Wake()
    {
        if (Interlocked.Exchange(ref _wakePending, 1) == 0) _wake.Ring();
    }

    /// <summary>Sleeps until a descriptor is ready, somebody calls <see cref="Wake"/>, or time is up.</summary>
    /// <param name="timeoutMs">Milliseconds; 0 only looks, negative waits without limit.</param>
    /// <param name="ready">
    /// Receives what was found. When it is shorter than that, the next call continues behind the last one reported, so that nobody starves.
    /// </param>
    /// <returns>Entries filled; 0 when time was up or somebody called <see cref="Wake"/>.</returns>
    public int Wait(int timeoutMs, Span<PollReady> ready)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        int found = Sleep(timeoutMs);
        if (found <= 0) return 0;
        if (_entries[0].Returned != 0)
        {
            // Drain first, clear second: a Wake between the two is covered by this return, and none is lost (the other order would
            // leave the flag set with an empty doorbell, and nobody would ever ring again).
            _wake.TryDrain(out _);
            Interlocked.Exchange(ref _wakePending, 0);
        }

        return Collect(ready);
    }

    /// <summary>Lets go of every descriptor. Nobody may be waiting.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (FileDescriptor? descriptor in _descriptors) descriptor?.DangerousRelease();
        _wake.Dispose();
    }

    internal static short ToNative(PollEvents interest) =>
        (short)(((interest & PollEvents.Readable) != PollEvents.None ? NativeEvent.POLLIN : 0)
            | ((interest & PollEvents.Writable) != PollEvents.None ? NativeEvent.POLLOUT : 0));

    private static PollEvents FromNative(short events) =>
        ((events & NativeEvent.POLLIN) != 0 ? PollEvents.Readable : PollEvents.None)
        | ((events & NativeEvent.POLLOUT) != 0 ? PollEvents.Writable : PollEvents.None)
        | ((events & NativeEvent.POLLHUP) != 0 ? PollEvents.HangUp : PollEvents.None)
        | ((events & (NativeEvent.POLLERR | NativeEvent.POLLNVAL)) != 0 ? PollEvents.Error : PollEvents.None);

    private int Sleep(int timeoutMs)
    {
        long deadline = timeoutMs > 0 ? Environment.TickCount64 + timeoutMs : 0;
        while (true)
        {
            int found;

            // SAFETY: the array is pinned and has _used entries; each named descriptor is held open by Add.
            fixed (PollFd* entries = _entries) found = NativeEvent.Poll(entries, (nuint)_used, timeoutMs);
            if (found >= 0) return found;
            if (!NativeError.WasInterrupted) throw LinuxException.Last("poll", "Waiting for descriptors failed");
            if (timeoutMs > 0) timeoutMs = (int)Math.Max(0, deadline - Environment.TickCount64);
        }
    }

    private int Collect(Span<PollReady> ready)
    {
        int filled = 0;
        int span = _used - 1;
        int index = _scanFrom < _used ? _scanFrom : 1;
        for (int step = 0; step < span && filled < ready.Length; step++)
        {
            short events = _entries[index].Returned;
            if (events != 0)
            {
                ready[filled++] = new PollReady(index, FromNative(events));
                _scanFrom = index + 1;
            }

            if (++index == _used) index = 1;
        }

        // Descriptors are told in the order in which they were added; only when there was no room for all, the next call goes on behind the last one.
        if (filled < ready.Length) _scanFrom = 1;
        return filled;
    }

    private int TakeFreeIndex()
    {
        int index = Math.Max(1, _firstFree);
        while (index < _descriptors.Length && _descriptors[index] is not null) index++;
        if (index == _descriptors.Length)
        {
            PollFd[] entries = GC.AllocateArray<PollFd>(_entries.Length * 2, pinned: true);
            _entries.CopyTo(entries, 0);
            for (int i = _entries.Length; i < entries.Length; i++) entries[i].Descriptor = -1;
            _entries = entries;
            Array.Resize(ref _descriptors, entries.Length);
        }

        return index;
    }

    private void EnsurePresent(int index)
    {
        if ((uint)index >= (uint)_descriptors.Length || _descriptors[index] is null)
        {
            throw new ArgumentOutOfRangeException(nameof(index), index, "Nothing is watched under this index.");
        }
    }
}
