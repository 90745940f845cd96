// SPDX-License-Identifier: Apache-2.0
using System.Globalization;

namespace Busbar.TestKit;

/// <summary>Some more huge pages in the system's pool while a test needs them. Where that is not allowed, where memory has no room for them, or while another
/// process's test needs the pool as it is, it stays so.</summary>
public sealed class ReservedHugePages : IDisposable
{
    private const string Pool = "/proc/sys/vm/nr_hugepages";

    private readonly FileStream? _turn;
    private readonly int _before = -1;

    /// <summary>Reserves.</summary>
    /// <param name="more">Pages of 2 MiB, on x86-64.</param>
    public ReservedHugePages(int more)
    {
        try
        {
            _turn = new FileStream(Path.Combine(Path.GetTempPath(), "busbar-huge-pages.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
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
        _turn?.Dispose();
    }
}
