// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>
/// sd-bus of libsystemd. Nothing here is called before <see cref="SdBus.IsAvailable"/> was true; all results below zero are negated error numbers. Everything that takes
/// variable arguments has another way here, because calling such functions through a fixed signature is not portable.
/// </summary>
internal static unsafe partial class NativeSdBus
{
    public const string Library = "libsystemd.so.0";

    /// <summary>No time limit, and "no time-out is running".</summary>
    public const ulong Forever = ulong.MaxValue;

    public const byte MethodError = 3;

    [LibraryImport(Library, EntryPoint = "sd_bus_open_system")]
    public static partial int OpenSystem(out nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_open_user")]
    public static partial int OpenUser(out nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_new")]
    public static partial int New(out nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_set_address", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetAddress(SdBusHandle bus, string address);

    [LibraryImport(Library, EntryPoint = "sd_bus_set_bus_client")]
    public static partial int SetBusClient(SdBusHandle bus, int isClient);

    [LibraryImport(Library, EntryPoint = "sd_bus_start")]
    public static partial int Start(SdBusHandle bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_close_unref")]
    public static partial nint CloseAndUnref(nint bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_is_ready")]
    public static partial int IsReady(SdBusHandle bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_fd")]
    public static partial int GetDescriptor(SdBusHandle bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_events")]
    public static partial int GetEvents(SdBusHandle bus);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_timeout")]
    public static partial int GetTimeout(SdBusHandle bus, out ulong microseconds);

    [LibraryImport(Library, EntryPoint = "sd_bus_process")]
    public static partial int Process(SdBusHandle bus, nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_wait")]
    public static partial int Wait(SdBusHandle bus, ulong microseconds);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_n_queued_write")]
    public static partial int GetQueuedWrites(SdBusHandle bus, out ulong messages);

    [LibraryImport(Library, EntryPoint = "sd_bus_get_unique_name")]
    public static partial int GetUniqueName(SdBusHandle bus, out nint name);

    [LibraryImport(Library, EntryPoint = "sd_bus_send")]
    public static partial int Send(SdBusHandle bus, SdBusMessageHandle message, nint cookie);

    [LibraryImport(Library, EntryPoint = "sd_bus_call_async")]
    public static partial int CallAsync(
        SdBusHandle bus, nint slot, SdBusMessageHandle message, delegate* unmanaged[Cdecl]<nint, nint, nint, int> callback, nint state, ulong microseconds);

    [LibraryImport(Library, EntryPoint = "sd_bus_add_fallback", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddFallback(SdBusHandle bus, nint slot, string prefix, delegate* unmanaged[Cdecl]<nint, nint, nint, int> callback, nint state);

    [LibraryImport(Library, EntryPoint = "sd_bus_add_match_async", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int AddMatchAsync(
        SdBusHandle bus,
        out nint slot,
        string match,
        delegate* unmanaged[Cdecl]<nint, nint, nint, int> callback,
        delegate* unmanaged[Cdecl]<nint, nint, nint, int> installed,
        nint state);

    [LibraryImport(Library, EntryPoint = "sd_bus_slot_unref")]
    public static partial nint SlotUnref(nint slot);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_signal", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int NewSignal(SdBusHandle bus, out nint message, string path, string @interface, string member);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_method_call", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int NewMethodCall(SdBusHandle bus, out nint message, string destination, string path, string @interface, string member);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_method_return")]
    public static partial int NewMethodReturn(SdBusMessageHandle call, out nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_new_method_error")]
    public static partial int NewMethodError(SdBusMessageHandle call, out nint message, SdBusError* error);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_seal")]
    public static partial int Seal(SdBusMessageHandle message, ulong cookie, ulong microseconds);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_ref")]
    public static partial nint MessageRef(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_unref")]
    public static partial nint MessageUnref(nint message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_type")]
    public static partial int GetType(SdBusMessageHandle message, out byte type);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_expect_reply")]
    public static partial int GetExpectReply(SdBusMessageHandle message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_signature")]
    public static partial nint GetSignature(SdBusMessageHandle message, int complete);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_path")]
    public static partial nint GetPath(SdBusMessageHandle message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_interface")]
    public static partial nint GetInterface(SdBusMessageHandle message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_member")]
    public static partial nint GetMember(SdBusMessageHandle message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_sender")]
    public static partial nint GetSender(SdBusMessageHandle message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_get_error")]
    public static partial SdBusError* GetError(SdBusMessageHandle message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_append_basic")]
    public static partial int AppendBasic(SdBusMessageHandle message, byte type, void* value);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_append_array")]
    public static partial int AppendArray(SdBusMessageHandle message, byte type, void* values, nuint size);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_open_container", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int OpenContainer(SdBusMessageHandle message, byte type, string contents);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_close_container")]
    public static partial int CloseContainer(SdBusMessageHandle message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_read_basic")]
    public static partial int ReadBasic(SdBusMessageHandle message, byte type, void* value);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_read_array")]
    public static partial int ReadArray(SdBusMessageHandle message, byte type, out nint values, out nuint size);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_enter_container", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int EnterContainer(SdBusMessageHandle message, byte type, string contents);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_exit_container")]
    public static partial int ExitContainer(SdBusMessageHandle message);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_peek_type")]
    public static partial int PeekType(SdBusMessageHandle message, out byte type, out nint contents);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_at_end")]
    public static partial int AtEnd(SdBusMessageHandle message, int complete);

    [LibraryImport(Library, EntryPoint = "sd_bus_message_skip", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Skip(SdBusMessageHandle message, string types);
}
