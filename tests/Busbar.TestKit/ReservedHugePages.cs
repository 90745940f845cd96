// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Busbar.TestKit;

/// <summary>Some more huge pages in the system's pool while a test needs them. Where that is not allowed, or memory has no room for them, the pool stays as it is.</summary>
public sealed class ReservedHugePages : IDisposable
{
    private const string Pool = "/proc/sys/vm/nr_hugepages";

    private readonly int _before = -1;

    /// <summary>Reserves.</summary>
    /// <param name="more">Pages of 2 MiB, on x86-64.</param>
    public ReservedHugePages(int more)
    {
        try
        {
            int before = int.Parse(File.ReadAllText(Pool), CultureInfo.InvariantCulture);
            File.WriteAllText(Pool, (before + more).ToString(CultureInfo.InvariantCulture));
            _before = before;
        }
        catch (Exception refusal) when (refusal is IOException or UnauthorizedAccessException)
        {
            // The caller sees it by what it gets.
        }
    }

    /// <summary>Puts the pool back.</summary>
    public void Dispose()
    {
        if (_before >= 0) File.WriteAllText(Pool, _before.ToString(CultureInfo.InvariantCulture));
    }
}
