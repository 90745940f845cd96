// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>Whether libsystemd is here, whose sd-bus speaks D-Bus for us. It is loaded when somebody first asks.</summary>
public static class SdBus
{
    private static readonly Lazy<string?> s_missing = new(Look);

    /// <summary>True when <see cref="DbusConnection"/> can work.</summary>
    public static bool IsAvailable => s_missing.Value is null;

    /// <summary>Why it cannot, with the remedy; null when it can.</summary>
    public static string? Missing => s_missing.Value;

    private static string? Look()
    {
        // sd_bus_close_unref came with systemd 241 and is the youngest function that is used here.
        if (!NativeLibrary.TryLoad(NativeSdBus.Library, typeof(SdBus).Assembly, searchPath: null, out nint library))
            return $"{NativeSdBus.Library} is not installed (package libsystemd0)";
        return NativeLibrary.TryGetExport(library, "sd_bus_close_unref", out _) ? null : $"{NativeSdBus.Library} is older than systemd 241";
    }
}
