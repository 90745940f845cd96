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
    private const string Prefix = "SigIgn:";

    public static bool IsIgnored(Signal signal)
    {
        string mask = File.ReadLines("/proc/self/status").First(line => line.StartsWith(Prefix, StringComparison.Ordinal))[Prefix.Length..].Trim();
        return ((ulong.Parse(mask, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) >> ((int)signal - 1)) & 1) != 0;
    }
}
