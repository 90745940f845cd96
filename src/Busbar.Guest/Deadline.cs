// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Guest;

/// <summary>A limit that started to run when it was made.</summary>
internal readonly struct Deadline(TimeSpan limit)
{
    private readonly long _started = Stopwatch.GetTimestamp();

    /// <summary>What is left; never negative.</summary>
    public TimeSpan Left
    {
        get
        {
            TimeSpan left = limit - Stopwatch.GetElapsedTime(_started);
            return left > TimeSpan.Zero ? left : TimeSpan.Zero;
        }
    }

    /// <summary>Nothing is left.</summary>
    public bool IsOver => Left == TimeSpan.Zero;
}
