// SPDX-License-Identifier: Apache-2.0
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Busbar.Cli;

/// <summary>
/// SIGINT, SIGTERM and SIGHUP as a cancellation: the first asks for an orderly end, a second one, unless it comes right behind the first,
/// ends the process at once with 128 + its number.
/// </summary>
internal sealed class StopSignal : IDisposable
{
    // A terminal, a shell and the kernel (when a parent with several threads dies) can all send the same signal for one and the same reason.
    private static readonly TimeSpan s_burst = TimeSpan.FromMilliseconds(300);

    private readonly CancellationTokenSource _source = new();
    private readonly PosixSignalRegistration[] _registrations;
    private long _firstAt;

    public StopSignal() => _registrations =
    [
        PosixSignalRegistration.Create(PosixSignal.SIGINT, context => OnSignal(context, 2)),
        PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => OnSignal(context, 15)),
        PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => OnSignal(context, 1)),
    ];

    public CancellationToken Token => _source.Token;

    /// <summary>Asks for an orderly end as a signal would; a signal that comes then is still the first.</summary>
    public void Request() => _source.Cancel();

    public void Dispose()
    {
        foreach (PosixSignalRegistration registration in _registrations) registration.Dispose();
        _source.Dispose();
    }

    private void OnSignal(PosixSignalContext context, int number)
    {
        long now = Stopwatch.GetTimestamp();
        long first = Interlocked.CompareExchange(ref _firstAt, now, 0);
        if (first != 0 && Stopwatch.GetElapsedTime(first, now) >= s_burst) Environment.Exit(128 + number);
        context.Cancel = true;
        _source.Cancel();
    }
}
