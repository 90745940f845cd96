// SPDX-License-Identifier: Apache-2.0
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <content>Calls to others, names, and signals of others.</content>
public sealed unsafe partial class DbusConnection
{
    private const string BusName = "org.freedesktop.DBus";
    private const string BusPath = "/org/freedesktop/DBus";

    private readonly HashSet<PendingCall> _pending = [];
    private readonly HashSet<DbusSubscription> _subscriptions = [];

    /// <summary>Calls a method of somebody else's.</summary>
    /// <typeparam name="T">What the answer is read into.</typeparam>
    /// <param name="destination">Who.</param>
    /// <param name="path">Which object.</param>
    /// <param name="interface">The interface.</param>
    /// <param name="member">The method.</param>
    /// <param name="write">Writes the arguments; null for none.</param>
    /// <param name="read">Reads the answer, inside <see cref="Process"/>.</param>
    /// <param name="limit">How long to wait for the answer.</param>
    /// <returns>Fails with <see cref="DbusException"/> when the callee, the bus or the time limit says no.</returns>
    public Task<T> CallAsync<T>(
        string destination, string path, string @interface, string member, Action<DbusWriter>? write, Func<DbusReader, T> read, TimeSpan limit)
    {
        var outcome = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        var pending = new PendingCall(this, reader => outcome.TrySetResult(read(reader)), failure => outcome.TrySetException(failure));
        if (IsOpen) Begin(pending, destination, path, @interface, member, write, limit);
        else pending.Fail(new DbusException(DbusErrorName.Disconnected, "The connection to the bus has ended."));
        return outcome.Task;
    }

    /// <summary>Asks the bus for a name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="flags">How to behave when somebody has it.</param>
    /// <param name="limit">How long to wait for the bus.</param>
    public Task<DbusNameResult> RequestNameAsync(string name, DbusNameFlags flags, TimeSpan limit) => CallAsync(
        BusName,
        BusPath,
        BusName,
        "RequestName",
        writer =>
        {
            writer.WriteString(name);
            writer.WriteUInt32((uint)flags);
        },
        static reader => (DbusNameResult)reader.ReadUInt32(),
        limit);

    /// <summary>Gives a name back.</summary>
    /// <param name="name">The name.</param>
    /// <param name="limit">How long to wait for the bus.</param>
    /// <returns>True when it was ours.</returns>
    public Task<bool> ReleaseNameAsync(string name, TimeSpan limit) =>
        CallAsync(BusName, BusPath, BusName, "ReleaseName", writer => writer.WriteString(name), static reader => reader.ReadUInt32() == 1, limit);

    /// <summary>Listens to signals.</summary>
    /// <param name="rule">A match rule as the bus takes it, for instance <c>type='signal',interface='org.example.I'</c>.</param>
    /// <param name="arrived">Gets path, member and arguments of each, inside <see cref="Process"/>; the arguments can be read during the call only.</param>
    /// <returns>Dispose it to stop. The rule holds from the next message on that the bus routes after those which we sent before.</returns>
    public IDisposable Subscribe(string rule, Action<string, string, DbusReader> arrived)
    {
        var subscription = new DbusSubscription(arrived, ended => _subscriptions.Remove(ended));
        int result = NativeSdBus.AddMatchAsync(_bus, out nint slot, rule, &OnSignal, &OnMatchInstalled, subscription.Begin());
        if (result < 0)
        {
            subscription.Dispose();
            throw new LinuxException((Errno)(-result), "sd_bus_add_match_async", $"Listening to {rule} failed");
        }

        subscription.Slot = slot;
        subscription.Connection = this;
        _subscriptions.Add(subscription);
        if (!_processing) Stirred?.Invoke();
        return subscription;
    }

    /// <summary>Listens to callers that leave the bus.</summary>
    /// <param name="left">Gets the unique name of each, inside <see cref="Process"/>.</param>
    /// <returns>Dispose it to stop.</returns>
    public IDisposable WatchLeaving(Action<string> left) => Subscribe(
        $"type='signal',sender='{BusName}',path='{BusPath}',interface='{BusName}',member='NameOwnerChanged',arg2=''",
        (_, _, reader) =>
        {
            string name = reader.ReadString();
            if (name.StartsWith(':')) left(name);
        });

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnAnswer(nint message, nint state, nint error)
    {
        if (GCHandle.FromIntPtr(state).Target is not PendingCall pending) return 0;
        DbusConnection connection = pending.Connection;
        try
        {
            using SdBusMessageHandle answer = connection.Hold(message);
            NativeSdBus.GetType(answer, out byte type);
            if (type == NativeSdBus.MethodError)
            {
                SdBusError* failure = NativeSdBus.GetError(answer);
                string name = failure is null ? DbusErrorName.Failed : DbusReader.Text(failure->Name) ?? DbusErrorName.Failed;
                pending.Fail(new DbusException(name, (failure is null ? null : DbusReader.Text(failure->Message)) ?? name));
            }
            else
            {
                pending.Complete(new DbusReader(answer));
            }
        }
        catch (Exception failure)
        {
            pending.Fail(failure as DbusException ?? new DbusException(DbusErrorName.Failed, failure.Message, failure));
        }

        return 1;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnSignal(nint message, nint state, nint error)
    {
        if (GCHandle.FromIntPtr(state).Target is not DbusSubscription { Connection: { } connection } subscription) return 0;
        try
        {
            using SdBusMessageHandle signal = connection.Hold(message);
            subscription.Arrived(DbusReader.Text(NativeSdBus.GetPath(signal)) ?? "", DbusReader.Text(NativeSdBus.GetMember(signal)) ?? "", new DbusReader(signal));
        }
        catch (DbusException)
        {
            // A signal of another shape than its name promises; nobody waits for an answer.
            connection.Statistics.HandlerFailures++;
        }
        catch (Exception failure)
        {
            connection.TryReportFailure("a signal", failure);
        }

        // Others may listen to the same signal.
        return 0;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnMatchInstalled(nint message, nint state, nint error)
    {
        if (GCHandle.FromIntPtr(state).Target is not DbusSubscription { Connection: { } connection }) return 1;
        try
        {
            using SdBusMessageHandle answer = connection.Hold(message);
            NativeSdBus.GetType(answer, out byte type);
            if (type == NativeSdBus.MethodError) connection.ReportFailure("a match rule", new DbusException(DbusErrorName.LimitsExceeded, "The bus refused a match rule."));
        }
        catch (Exception failure)
        {
            connection.TryReportFailure("a match rule", failure);
        }

        return 1;
    }

    private void Begin(
        PendingCall pending, string destination, string path, string @interface, string member, Action<DbusWriter>? write, TimeSpan limit)
    {
        Check(
            NativeSdBus.NewMethodCall(_bus, out nint raw, destination, path, @interface, member), "sd_bus_message_new_method_call", $"Making a call of {member} failed");
        using var message = new SdBusMessageHandle(raw, _graveyard);
        var writer = new DbusWriter(message);
        write?.Invoke(writer);
        if (!HasRoom(writer.Size))
        {
            pending.Fail(new DbusException(DbusErrorName.LimitsExceeded, "The bus does not take messages."));
            return;
        }

        int result = NativeSdBus.CallAsync(_bus, 0, message, &OnAnswer, pending.Begin(), (ulong)Math.Max(1, limit.TotalMicroseconds));
        if (result < 0) pending.Fail(new DbusException(DbusErrorName.Failed, $"A call of {member} could not be sent ({(Errno)(-result)})."));
        if (!_processing) Stirred?.Invoke();
    }

    private void FailPending(string why)
    {
        foreach (PendingCall pending in _pending.ToArray()) pending.Fail(new DbusException(DbusErrorName.Disconnected, why + "."));
    }

    /// <summary>A call of ours whose answer is awaited.</summary>
    private sealed class PendingCall
    {
        private readonly Action<DbusReader> _complete;
        private readonly Action<Exception> _fail;
        private GCHandle _self;

        public PendingCall(DbusConnection connection, Action<DbusReader> complete, Action<Exception> fail)
        {
            Connection = connection;
            _complete = complete;
            _fail = fail;
        }

        public DbusConnection Connection { get; }

        public nint Begin()
        {
            _self = GCHandle.Alloc(this);
            Connection._pending.Add(this);
            return GCHandle.ToIntPtr(_self);
        }

        public void Complete(DbusReader reader)
        {
            _complete(reader);
            End();
        }

        public void Fail(Exception failure)
        {
            _fail(failure);
            End();
        }

        private void End()
        {
            if (Connection._pending.Remove(this)) _self.Free();
        }
    }
}
