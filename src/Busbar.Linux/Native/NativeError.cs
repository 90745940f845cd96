// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>The error number of the last native call of this thread.</summary>
internal static class NativeError
{
    public static Errno Last => (Errno)Marshal.GetLastPInvokeError();

    public static bool WasInterrupted => Last == Errno.EINTR;
}
