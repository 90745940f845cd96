// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;

namespace Busbar.Pci;

/// <summary>Until when a handshake may take, and who may end it earlier.</summary>
internal readonly struct HandshakeLimit
{
    private readonly long _start;
    private readonly double _limitMs;
    private readonly CancellationToken _cancel;

    public HandshakeLimit(long startTimestamp, double limitMs, CancellationToken cancel)
    {
        _start = startTimestamp;
        _limitMs = limitMs;
        _cancel = cancel;
    }

    public int RemainingMs => (int)Math.Clamp(Math.Ceiling(_limitMs - Stopwatch.GetElapsedTime(_start).TotalMilliseconds), 0, int.MaxValue);

    public HandshakeLimit NoLongerThan(int milliseconds) =>
        new(_start, Math.Min(_limitMs, Stopwatch.GetElapsedTime(_start).TotalMilliseconds + milliseconds), _cancel);

    public void ThrowIfCancelled() => _cancel.ThrowIfCancellationRequested();
}
