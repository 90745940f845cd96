// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;

namespace Busbar.Linux;

/// <summary>
/// Whether the system has the library behind .NET's cryptography (OpenSSL). Without it the runtime ends the process at the first hash, which no caller can catch; small systems, such as guests,
/// do without.
/// </summary>
public static class CryptoLibrary
{
    private static readonly string[] s_names = ["libssl.so.3", "libssl.so.1.1", "libssl.so"];

    private static readonly Lazy<bool> s_isAvailable = new(static () => s_names.Any(static name => NativeLibrary.TryLoad(name, out _)));

    /// <summary>True when hashes can be computed.</summary>
    public static bool IsAvailable => s_isAvailable.Value;
}
