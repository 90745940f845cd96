// SPDX-License-Identifier: Apache-2.0
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>
/// A connection to a D-Bus message bus. It never waits once it is open: its owner watches <see cref="Descriptor"/> for <see cref="Events"/>, keeps
/// <see cref="NextTimeout"/>, and calls <see cref="Process"/>.
/// </summary>
/// <remarks>One thread at a time. Calls to the objects of <see cref="Objects"/> are answered inside <see cref="Process"/>; no exception of theirs leaves it.</remarks>
public sealed partial class DbusConnection : IDisposable
{
    /// <summary>What may wait to be sent when the bus does not take it; beyond that, messages are thrown away and counted.</summary>
    public const int MostQueuedMessages = 16 * 1024;

    /// <summary>As <see cref="MostQueuedMessages"/>, in bytes.</summary>
    public const long MostQueuedBytes = 64 * 1024 * 1024;

    /// <summary>Calls of one caller that may be open at a time.</summary>
    public const int MostOpenCallsOfOne = 64;

    /// <summary>Calls of all callers together that may be open at a time.</summary>
    public const int MostOpenCalls = 1024;

    // How long one turn may go on while messages are there, so that a flood leaves time for everything else in the thread.
    private static readonly TimeSpan s_turn = TimeSpan.FromMilliseconds(5);

    private readonly SdBusHandle _bus;
    private readonly ConcurrentQueue<nint> _graveyard = new();
    private readonly HashSet<DbusCall> _openCalls = [];
    private readonly Dictionary<string, int> _openCallsBySender = new(StringComparer.Ordinal);
    private GCHandle _self;
    private long _queuedBytes;
    private bool _processing;
    private bool _disposed;

    private DbusConnection(SdBusHandle bus)
    {
        _bus = bus;
        _self = GCHandle.Alloc(this);
        Descriptor = null!;
        UniqueName = "";
        Objects = new DbusObjectTree(this);
    }

    /// <summary>Something was queued, or a time-out began: <see cref="Events"/> and <see cref="NextTimeout"/> may be different from before.</summary>
    public event Action? Stirred;

    /// <summary>The connection ended, for the reason given; nothing works any more.</summary>
    public event Action<string>? Closed;

    /// <summary>A handler failed with something else than a <see cref="DbusException"/>; the caller was told "Internal error".</summary>
    public event Action<string, Exception>? HandlerFailed;

    /// <summary>To be watched; a duplicate of the connection's own. Stop watching before <see cref="Dispose"/> closes it: the bus sees us leave when both are closed.</summary>
    public FileDescriptor Descriptor { get; private set; }

    /// <summary>Our own name on the bus, for instance ":1.42".</summary>
    public string UniqueName { get; private set; }

    /// <summary>The objects that we offer.</summary>
    public DbusObjectTree Objects { get; }

    /// <summary>Counters.</summary>
    public DbusStatistics Statistics { get; } = new();

    /// <summary>False from the moment on when the bus or this side ended the connection.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>What to wait for on <see cref="Descriptor"/> now.</summary>
    public PollEvents Events
    {
        get
        {
            int events = IsOpen ? NativeSdBus.GetEvents(_bus) : 0;
            return events <= 0
                ? PollEvents.None
                : ((events & NativeEvent.POLLIN) != 0 ? PollEvents.Readable : PollEvents.None) | ((events & NativeEvent.POLLOUT) != 0 ? PollEvents.Writable : PollEvents.None);
        }
    }

    /// <summary>When to call <see cref="Process"/> even though nothing happened on the descriptor, in milliseconds from now; null for never.</summary>
    public int? NextTimeout
    {
        get
        {
            if (!IsOpen || NativeSdBus.GetTimeout(_bus, out ulong due) <= 0 || due == NativeSdBus.Forever) return null;

            // sd-bus counts CLOCK_MONOTONIC in microseconds, which is what the stopwatch counts on Linux.
            ulong now = (ulong)(Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1_000_000));
            return due <= now ? 0 : (int)Math.Min(int.MaxValue, ((due - now) / 1000) + 1);
        }
    }

    /// <summary>Connects to the bus of the system.</summary>
    /// <param name="limit">How long the bus may take to greet.</param>
    /// <exception cref="LinuxException">There is no such bus, or it does not answer; the message says which and why.</exception>
    /// <exception cref="PlatformNotSupportedException">libsystemd is missing.</exception>
    public static DbusConnection OpenSystem(TimeSpan limit)
    {
        EnsureAvailable();
        return Greet(NativeSdBus.OpenSystem(out nint bus), bus, "sd_bus_open_system", "the system bus", limit);
    }

    /// <summary>Connects to the bus of the user's session.</summary>
    /// <param name="limit">How long the bus may take to greet.</param>
    /// <exception cref="LinuxException">There is no such bus, or it does not answer; the message says which and why.</exception>
    /// <exception cref="PlatformNotSupportedException">libsystemd is missing.</exception>
    public static DbusConnection OpenUser(TimeSpan limit)
    {
        EnsureAvailable();
        return Greet(NativeSdBus.OpenUser(out nint bus), bus, "sd_bus_open_user", "the session bus", limit);
    }

    /// <summary>Connects to a bus by its address.</summary>
    /// <param name="address">For instance <c>unix:path=/run/dbus/system_bus_socket</c>.</param>
    /// <param name="limit">How long the bus may take to greet.</param>
    /// <exception cref="LinuxException">There is no such bus, or it does not answer; the message says which and why.</exception>
    /// <exception cref="PlatformNotSupportedException">libsystemd is missing.</exception>
    public static DbusConnection OpenAddress(string address, TimeSpan limit)
    {
        EnsureAvailable();
        string what = $"the bus at {address}";
        Check(NativeSdBus.New(out nint raw), "sd_bus_new", $"Connecting to {what} failed");
        var bus = new SdBusHandle(raw);
        int result = NativeSdBus.SetAddress(bus, address);
        if (result >= 0) result = NativeSdBus.SetBusClient(bus, 1);
        if (result >= 0) result = NativeSdBus.Start(bus);
        if (result >= 0) return Greet(bus, what, limit);
        bus.Dispose();
        throw new LinuxException((Errno)(-result), "sd_bus_start", $"Connecting to {what} failed");
    }

    /// <summary>Does what is due: reads, answers, sends. Bounded, so that a flood leaves time for others.</summary>
    /// <param name="most">How many messages at most.</param>
    /// <returns>True when there may be more to do at once; otherwise wait for <see cref="Events"/> or <see cref="NextTimeout"/>.</returns>
    public bool Process(int most = 64)
    {
        if (!IsOpen || _processing) return false;
        _processing = true;
        try
        {
            long began = Stopwatch.GetTimestamp();
            for (int i = 0; i < most && IsOpen; i++)
            {
                int result = NativeSdBus.Process(_bus, 0);
                Bury();
                if (result < 0) End($"The bus ended the connection ({(Errno)(-result)})");
                if (result <= 0) return false;
                if (Stopwatch.GetElapsedTime(began) > s_turn) return true;
            }

            return IsOpen;
        }
        finally
        {
            _processing = false;
        }
    }

    /// <summary>Ends the connection. What was not sent yet is lost; open calls of ours fail.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        if (IsOpen)
        {
            // One attempt to get rid of what is queued, for instance the last answers; no waiting.
            if (!_processing) NativeSdBus.Process(_bus, 0);
            End("The connection was closed by this side");
        }

        foreach (DbusSubscription subscription in _subscriptions.ToArray()) subscription.Dispose();

        // Those that are still at work answer into the void later; their messages must go while somebody can let go of them.
        foreach (DbusCall call in _openCalls) call.Abandon();
        Bury();
        _bus.Dispose();
        Descriptor?.Dispose();
        _self.Free();
    }

    internal static int Check(int result, string call, string detail) => result >= 0 ? result : throw new LinuxException((Errno)(-result), call, detail);

    internal void ReportFailure(string where, Exception failure)
    {
        Statistics.HandlerFailures++;
        HandlerFailed?.Invoke(where, failure);
    }

    private static void EnsureAvailable()
    {
        if (SdBus.Missing is { } why) throw new PlatformNotSupportedException(why);
    }

    private static DbusConnection Greet(int result, nint bus, string call, string what, TimeSpan limit)
    {
        Check(result, call, $"Connecting to {what} failed");
        return Greet(new SdBusHandle(bus), what, limit);
    }

    // Connecting and greeting is the one thing that waits, with a limit: before it is done nothing can be said about whether the bus is of any use.
    private static DbusConnection Greet(SdBusHandle bus, string what, TimeSpan limit)
    {
        var connection = new DbusConnection(bus);
        try
        {
            long began = Stopwatch.GetTimestamp();
            while (NativeSdBus.IsReady(bus) == 0)
            {
                int result = Check(NativeSdBus.Process(bus, 0), "sd_bus_process", $"Connecting to {what} failed");
                if (result > 0) continue;
                TimeSpan left = limit - Stopwatch.GetElapsedTime(began);
                if (left <= TimeSpan.Zero) throw new LinuxException(Errno.ETIMEDOUT, "sd_bus_wait", $"Connecting to {what} failed");
                result = NativeSdBus.Wait(bus, (ulong)left.TotalMicroseconds);
                if (result != -(int)Errno.EINTR) Check(result, "sd_bus_wait", $"Connecting to {what} failed");
            }

            Check(NativeSdBus.GetUniqueName(bus, out nint name), "sd_bus_get_unique_name", $"Connecting to {what} failed");
            connection.UniqueName = DbusReader.Text(name) ?? "";
            int descriptor = Check(NativeSdBus.GetDescriptor(bus), "sd_bus_get_fd", $"Connecting to {what} failed");
            connection.Descriptor = DuplicateOf(descriptor);
            unsafe
            {
                Check(NativeSdBus.AddFallback(bus, 0, "/", &OnCall, GCHandle.ToIntPtr(connection._self)), "sd_bus_add_fallback", "Offering objects failed");
            }

            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private static FileDescriptor DuplicateOf(int number)
    {
        var borrowed = new FileDescriptor(number);
        try
        {
            return borrowed.Duplicate();
        }
        finally
        {
            // The number belongs to sd-bus, which closes it.
            borrowed.SetHandleAsInvalid();
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnCall(nint message, nint state, nint error)
    {
        if (GCHandle.FromIntPtr(state).Target is not DbusConnection connection) return 0;
        try
        {
            connection.Take(connection.Hold(message));
        }
        catch (Exception failure)
        {
            // Nothing may cross into the library; whoever called gets no answer then.
            connection.TryReportFailure("a method call", failure);
        }

        return 1;
    }

    private void TryReportFailure(string where, Exception failure)
    {
        try
        {
            ReportFailure(where, failure);
        }
        catch (Exception)
        {
            // The reporter itself failed, and there is nobody left to tell; the counter has it.
            Statistics.HandlerFailures++;
        }
    }

    /// <summary>Keeps a message that the library lends during a callback.</summary>
    private SdBusMessageHandle Hold(nint message) => new(NativeSdBus.MessageRef(message), _graveyard);

    private void Take(SdBusMessageHandle message)
    {
        Statistics.Calls++;
        var call = new DbusCall(this, message);
        _openCallsBySender.TryGetValue(call.Sender, out int open);
        if (open >= MostOpenCallsOfOne || _openCalls.Count >= MostOpenCalls)
        {
            Statistics.CallsRefused++;
            call.Fail(DbusErrorName.LimitsExceeded, open >= MostOpenCallsOfOne ? $"More than {MostOpenCallsOfOne} calls of one caller are open." : "Too many calls are open.");
            return;
        }

        Task work = Objects.AnswerAsync(call);
        if (work.IsCompleted) return;
        _openCallsBySender[call.Sender] = open + 1;
        _openCalls.Add(call);
        _ = ForgetWhenDoneAsync(work, call);
    }

    private async Task ForgetWhenDoneAsync(Task work, DbusCall call)
    {
        await work.ConfigureAwait(ConfigureAwaitOptions.ContinueOnCapturedContext | ConfigureAwaitOptions.SuppressThrowing);
        _openCalls.Remove(call);
        if (--_openCallsBySender[call.Sender] == 0) _openCallsBySender.Remove(call.Sender);
    }

    private void End(string why)
    {
        if (!IsOpen) return;
        IsOpen = false;
        FailPending(why);
        if (!_disposed) Closed?.Invoke(why);
    }

    private void Bury()
    {
        while (_graveyard.TryDequeue(out nint message)) NativeSdBus.MessageUnref(message);
    }
}
