// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using Busbar.Linux;

namespace Busbar.Cli.Tests;

/// <summary>
/// What this process inherited about signals, and so hands on to its children: whoever is started in the background of a shell script ignores
/// SIGINT from birth, and by convention keeps ignoring it.
/// </summary>
internal static class SignalDisposition
{
    public static bool IsIgnored(Signal signal) => Has("/proc/self/status", "SigIgn:", signal);

    /// <summary>Whether a process has a handler of its own for a signal.</summary>
    /// <param name="process">Its number.</param>
    /// <param name="signal">The signal.</param>
    public static bool IsCaught(int process, Signal signal) => Has($"/proc/{process}/status", "SigCgt:", signal);

    private static bool Has(string file, string prefix, Signal signal)
    {
        string mask = File.ReadLines(file).First(line => line.StartsWith(prefix, StringComparison.Ordinal))[prefix.Length..].Trim();
        return ((ulong.Parse(mask, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) >> ((int)signal - 1)) & 1) != 0;
    }
}
