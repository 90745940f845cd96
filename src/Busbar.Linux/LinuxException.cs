// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>
/// A system call failed while something was being set up. Calls on hot paths return values instead and never throw this.
/// </summary>
public sealed class LinuxException : IOException
{
    /// <summary>Describes a failure.</summary>
    /// <param name="errno">What the kernel answered.</param>
    /// <param name="call">The system call, for instance "mmap".</param>
    /// <param name="detail">What was attempted on what, for the user to read.</param>
    public LinuxException(Errno errno, string call, string detail)
        : base($"{detail}: {Marshal.GetPInvokeErrorMessage((int)errno)} ({call}: {errno})")
    {
        Errno = errno;
        Call = call;
        Detail = detail;
    }

    /// <summary>What the kernel answered.</summary>
    public Errno Errno { get; }

    /// <summary>The system call that failed.</summary>
    public string Call { get; }

    /// <summary>What was attempted on what.</summary>
    public string Detail { get; }

    /// <summary>The failure of the native call that this thread made last.</summary>
    internal static LinuxException Last(string call, string detail) => new(NativeError.Last, call, detail);

    /// <summary>Passes a non-negative result on and turns a negative one into the exception.</summary>
    internal static int Check(int result, string call, string detail) => result >= 0 ? result : throw Last(call, detail);
}
