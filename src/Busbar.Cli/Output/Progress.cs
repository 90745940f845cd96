// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Cli;

/// <summary>One line on stderr that says what is being done now; on a terminal only.</summary>
internal sealed class Progress : IDisposable
{
    private const int RedrawMs = 50;

    private readonly bool _shows = Terminal.ShowsProgress;
    private long _drawn;
    private int _width;

    /// <summary>Replaces the line; calls that follow each other closely are skipped.</summary>
    public void Show(string text)
    {
        if (!_shows || (_drawn != 0 && Stopwatch.GetElapsedTime(_drawn).TotalMilliseconds < RedrawMs)) return;
        _drawn = Stopwatch.GetTimestamp();
        Console.Error.Write("\r" + text.PadRight(_width));
        _width = text.Length;
    }

    /// <summary>Removes the line.</summary>
    public void Dispose()
    {
        if (_shows && _width != 0) Console.Error.Write("\r" + new string(' ', _width) + "\r");
        _width = 0;
    }
}
