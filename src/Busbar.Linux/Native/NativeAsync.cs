// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>Calls that the C library has no portable function for: the kernel's asynchronous I/O, and reads that never wait.</summary>
internal static unsafe partial class NativeAsync
{
    public const ushort IOCB_CMD_PREAD = 0;
    public const uint IOCB_FLAG_RESFD = 1;
    public const int RWF_NOWAIT = 8;

    /// <summary>Bytes of struct io_event.</summary>
    public const int EventSize = 32;

    /// <summary>False on machines whose call numbers are not known here.</summary>
    public static bool IsKnown { get; } = RuntimeInformation.ProcessArchitecture is Architecture.X64 or Architecture.Arm64;

    // asm/unistd_64.h and asm-generic/unistd.h.
    private static bool IsX64 => RuntimeInformation.ProcessArchitecture == Architecture.X64;

    private static nint SetupNumber => IsX64 ? 206 : 0;

    private static nint SubmitNumber => IsX64 ? 209 : 2;

    private static nint CollectNumber => IsX64 ? 208 : 4;

    private static nint ReadNumber => IsX64 ? 327 : 286;

    /// <summary>io_setup: a context for so many operations at one time.</summary>
    public static nint Setup(uint events, nuint* context) => Call(SetupNumber, (nint)events, (nint)context, 0, 0, 0, 0);

    /// <summary>io_submit of one operation: 1, or negative.</summary>
    public static nint Submit(nuint context, IoControl** one) => Call(SubmitNumber, (nint)context, 1, (nint)one, 0, 0, 0);

    /// <summary>io_getevents of what is finished.</summary>
    public static nint Collect(nuint context, int most, byte* events, TimeSpecification* timeout) =>
        Call(CollectNumber, (nint)context, 0, most, (nint)events, (nint)timeout, 0);

    /// <summary>preadv2 at the file's own position with RWF_NOWAIT.</summary>
    public static nint ReadNow(int descriptor, IoVector* vector) => Call(ReadNumber, descriptor, (nint)vector, 1, -1, -1, RWF_NOWAIT);

    [LibraryImport("libc", EntryPoint = "syscall", SetLastError = true)]
    private static partial nint Call(nint number, nint first, nint second, nint third, nint fourth, nint fifth, nint sixth);
}
