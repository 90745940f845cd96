// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <content>Answers and signals.</content>
public sealed unsafe partial class DbusConnection
{
    /// <summary>Emits a signal.</summary>
    /// <param name="path">The object that it comes from.</param>
    /// <param name="interface">The interface.</param>
    /// <param name="member">The signal.</param>
    /// <param name="write">Writes its arguments; null for none.</param>
    public void EmitSignal(string path, string @interface, string member, Action<DbusWriter>? write = null)
    {
        if (!IsOpen) return;
        Check(NativeSdBus.NewSignal(_bus, out nint raw, path, @interface, member), "sd_bus_message_new_signal", $"Making the signal {member} failed");
        using var message = new SdBusMessageHandle(raw, _graveyard);
        var writer = new DbusWriter(message);
        write?.Invoke(writer);
        Statistics.SignalsSent++;
        Send(message, writer.Size);
    }

    /// <summary>
    /// Answers a call of our own making and throws the answer away, so that the first caller does not wait for code to be compiled. Handlers run as for any caller.
    /// </summary>
    /// <param name="path">The object.</param>
    /// <param name="interface">The interface.</param>
    /// <param name="member">The method.</param>
    /// <param name="write">Writes the arguments; null for none.</param>
    public void Rehearse(string path, string @interface, string member, Action<DbusWriter>? write = null)
    {
        if (!IsOpen) return;
        Check(NativeSdBus.NewMethodCall(_bus, out nint raw, UniqueName, path, @interface, member), "sd_bus_message_new_method_call", $"Making a call of {member} failed");
        var message = new SdBusMessageHandle(raw, _graveyard);
        write?.Invoke(new DbusWriter(message));
        Check(NativeSdBus.Seal(message, 1, 0), "sd_bus_message_seal", $"Making a call of {member} failed");
        _ = Objects.AnswerAsync(new DbusCall(this, message, isRehearsal: true));
    }

    internal void SendReply(SdBusMessageHandle call, Action<DbusWriter>? write, bool isRehearsal)
    {
        if (!IsOpen) return;
        Check(NativeSdBus.NewMethodReturn(call, out nint raw), "sd_bus_message_new_method_return", "Making an answer failed");
        using var message = new SdBusMessageHandle(raw, _graveyard);
        var writer = new DbusWriter(message);
        write?.Invoke(writer);
        if (!isRehearsal) Send(message, writer.Size);
    }

    internal void SendError(SdBusMessageHandle call, string name, string text, bool isRehearsal)
    {
        if (!IsOpen) return;
        nint nativeName = Marshal.StringToCoTaskMemUTF8(name);
        nint nativeText = Marshal.StringToCoTaskMemUTF8(text);
        try
        {
            // SAFETY: both strings live until the message is made, which copies them.
            SdBusError error = new() { Name = nativeName, Message = nativeText };
            Check(NativeSdBus.NewMethodError(call, out nint raw, &error), "sd_bus_message_new_method_error", "Making an error answer failed");
            using var message = new SdBusMessageHandle(raw, _graveyard);
            if (!isRehearsal) Send(message, text.Length);
        }
        finally
        {
            Marshal.FreeCoTaskMem(nativeName);
            Marshal.FreeCoTaskMem(nativeText);
        }
    }

    private void Send(SdBusMessageHandle message, long size)
    {
        if (!HasRoom(size))
        {
            Statistics.MessagesDropped++;
            return;
        }

        int result = NativeSdBus.Send(_bus, message, 0);
        if (result < 0)
        {
            // The connection's end is found, and told, by the next turn.
            Statistics.MessagesDropped++;
        }

        if (!_processing) Stirred?.Invoke();
    }

    // sd-bus queues without a bound of its own that would help: a bus that stopped reading would cost us all memory.
    private bool HasRoom(long size)
    {
        if (NativeSdBus.GetQueuedWrites(_bus, out ulong waiting) < 0) return true;
        if (waiting == 0) _queuedBytes = 0;
        if (waiting >= MostQueuedMessages || (waiting > 0 && _queuedBytes + size > MostQueuedBytes)) return false;
        _queuedBytes += size;
        return true;
    }
}
